// Package aan is the protocol of aan(8), the always available network: a stream
// of bytes both ways that outlives the connections it goes over.
//
// Who has a Conn gives it a connection by Use, and another one when that is of no
// more use. Nothing is lost in between: each message has a number, what the other
// side has not acknowledged is kept, and sent again first over a new connection.
//
//	c := aan.New()
//	go use(c)                 // c.Read, c.Write, c.Close
//	for !over(c) {
//		conn, err := dial()    // or listen; c.Fail if that is in vain
//		<-c.Use(conn)
//	}
//
// A message is a header of three numbers of four bytes, little endian, and data:
//
//	n[4] msg[4] acked[4] data[n]
//
// The messages of a side are numbered from 0, whatever connection they go over; a
// receiver takes only the one that is next. Acked is how many the sender of the
// header has taken. At most 8192 bytes are in a message. One without data is the
// end: nothing follows, and who gets it need not answer. One without data and with
// the number -1 is no message: each side sends it every 8 seconds, and who has sent
// three of them and heard nothing takes the connection for dead.
//
// The originals process what is acknowledged only in messages with data. Here it
// counts in all, and who has taken several messages without saying anything
// acknowledges them at once, so that a stream in one direction does not stop.
//
// Nothing says that a new connection is from who made the old one: what is carried
// must be encrypted and authenticated by those whose stream it is.
package aan

package keyfs

import "ufo/auth"

// An Account is a user to be put into a key file.
type Account struct {
	Name    string
	Key     auth.Key
	Replace bool // the key of one who is there already
}

// Amend returns a key file, which is encrypted with the machine key old, with users
// added, and encrypted with a key that may be another. An empty file has no users. It
// is for who has the file while no keyfs does. The error is decode's, or
// auth.ErrName.
func Amend(file []byte, old, key *auth.Key, add []Account) ([]byte, error) {
	users, newer, err := decode(file, old)
	if err != nil {
		return nil, err
	}
	if len(file) == 0 {
		newer = key.HasAES()
	}
	defer func() {
		for _, u := range users {
			u.key.Zero()
		}
	}()
	for _, a := range add {
		if !validName(a.Name) {
			return nil, auth.ErrName
		}
		i := find(users, a.Name)
		if i >= 0 && !a.Replace {
			continue
		}
		if i < 0 {
			i = len(users)
			users = append(users, &user{name: a.Name})
		}
		users[i].key = a.Key
	}
	return encode(users, key, newer), nil
}

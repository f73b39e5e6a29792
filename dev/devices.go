package dev

import (
	"ufo/ninep"
	"ufo/proc"
)

// A Config is what the devices of a kernel are made of.
type Config struct {
	Host  Host
	Root  RootConfig
	Env   map[string]string // #ec
	Cons  *Cons
	Srv   *Srv
	Procs func() *proc.Table // the table is made after the devices
	Wire  Wire               // nil: no #I
	Ndb   string             // first contents of #I/ndb
	Links Links              // nil: no #λ
	Disks []Unit             // of #S, beside those made of memory
	Nvram Disk               // of NvramSize bytes; nil: in memory
}

// Servers makes the devices, by their letters.
func (cfg Config) Servers() map[rune]ninep.Server {
	devs := make(map[rune]ninep.Server)
	for _, d := range Devices {
		if srv := d.New(cfg); srv != nil {
			devs[d.Letter] = srv
		}
	}
	return devs
}

// A Device is a line in the table of devices.
type Device struct {
	Letter rune
	Name   string                        // of its page in section 3 of the manual
	Text   string                        // what it is
	New    func(cfg Config) ninep.Server // returns nil if cfg lacks what it needs
}

// Hosted are the devices that show something of the host. Who makes a kernel
// makes them and gives them to it, so they have no New.
var Hosted = []Device{
	{'U', "hostfs", "folders of the host", nil},
	{'C', "cmd", "commands of the host", nil},
}

// Devices are all devices that need nothing of the host.
var Devices = []Device{
	{'/', "root", "the root of all names: mount points, and what a kernel boots with",
		func(cfg Config) ninep.Server { return NewRoot(cfg.Host, cfg.Root) }},
	{'c', "cons", "consoles, clocks, and who and where a process is",
		func(cfg Config) ninep.Server { return cfg.Cons }},
	{'d', "dup", "the open files of the calling process",
		func(cfg Config) ninep.Server { return NewDup(cfg.Host) }},
	{'e', "env", "the environment: variables as files",
		func(cfg Config) ninep.Server { return NewEnv(cfg.Host, cfg.Env) }},
	{'p', "proc", "processes as files",
		func(cfg Config) ninep.Server { return NewProc(cfg.Host, cfg.Procs) }},
	{'s', "srv", "the board on which open connections are posted",
		func(cfg Config) ninep.Server { return cfg.Srv }},
	{'|', "pipe", "two-way communication between processes",
		func(Config) ninep.Server { return NewPipe() }},
	{'S', "sd", "disks and their partitions",
		func(cfg Config) ninep.Server { return NewSD(cfg.Host, cfg.Disks) }},
	{'I', "ip", "conversations by tcp and udp over a wire",
		func(cfg Config) ninep.Server {
			if cfg.Wire == nil {
				return nil
			}
			return NewIP(cfg.Host, cfg.Wire, cfg.Ndb)
		}},
	{'a', "tls", "filters that encrypt connections",
		func(cfg Config) ninep.Server { return NewTLS(cfg.Host) }},
	{'r', "rtc", "a clock, and memory that is kept while the node is off",
		func(cfg Config) ninep.Server {
			if cfg.Nvram == nil {
				cfg.Nvram = NewMemDisk(NvramSize)
			}
			return NewRTC(cfg.Host, cfg.Cons, cfg.Nvram)
		}},
	{'¤', "cap", "capabilities: how a process becomes one of another user",
		func(cfg Config) ninep.Server { return NewCap(cfg.Host) }},
	{'λ', "loopback", "the links of this node: delay, loss, cut and heal",
		func(cfg Config) ninep.Server {
			if cfg.Links == nil {
				return nil
			}
			return NewLoopback(cfg.Host, cfg.Links)
		}},
}

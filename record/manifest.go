package record

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// A Manifest says what a run was and where it was made.
type Manifest struct {
	Name    string   `json:"name"`
	Seed    uint64   `json:"seed"`
	Dtype   string   `json:"dtype"`
	Network string   `json:"network"`
	Data    string   `json:"data"`
	Command []string `json:"command"`
	Build   Build    `json:"build"`
	Machine Machine  `json:"machine"`

	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	Status  string    `json:"status"` // running, completed, interrupted or failed
	Error   string    `json:"error,omitempty"`
	Resumed int       `json:"resumed,omitempty"` // how often it went on from a checkpoint

	Epochs       int     `json:"epochs"`
	Parameters   int     `json:"parameters"`
	Hosting      string  `json:"hosting,omitempty"` // of vertices: actor, shard, or none if the engine has no actors
	Initial      string  `json:"initial_hash"`      // SHA-256 of the initial parameters
	Hash         string  `json:"hash,omitempty"`
	TwinHash     string  `json:"twin_hash,omitempty"`
	SecondsBuild float64 `json:"seconds_build"`
	SecondsTrain float64 `json:"seconds_train"`
	Scope        string  `json:"reproducible"` // what must be the same for the same bits

	Journal *JournalInfo `json:"journal,omitempty"` // of free-running actors that keep one
}

// A JournalInfo says what is in the journal of a run.
type JournalInfo struct {
	Samples int    `json:"samples"`
	Bytes   int64  `json:"bytes"`
	Limit   int64  `json:"limit_bytes"`    // the sample that reaches it is the last
	Full    bool   `json:"full,omitempty"` // it ended at its limit, before the run did
	Hash    string `json:"hash,omitempty"` // full: SHA-256 of the parameters after its last sample
}

// Scope returns the scope of reproducibility with a matrix backend, in words: the built-in one has a defined order of
// operations, gonum leaves it to the compiler to fuse them, and a library has kernels for the processor at hand.
func Scope(backend string) string {
	same, where := "version and matrix backend", ", on every processor"
	switch backend {
	case "builtin":
	case "gonum":
		same, where = "version, matrix backend and processor architecture", ""
	default:
		same, where = "version, matrix backend (the same library) and processor", ""
	}
	return "the same configuration, seed, " + same + " give the same bits" + where + ", whatever the engine, the number of cores and the order of messages"
}

// CommandLine returns the command that made the run, such that a POSIX shell reads it as it was.
func (m Manifest) CommandLine() string { return CommandLine(m.Command...) }

// WriteManifest writes manifest.json, in place of an earlier one.
func (f *Folder) WriteManifest(m Manifest) error {
	return f.Write("manifest.json", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(m)
	})
}

// A Build says which program it is.
type Build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the sources were not as committed
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Level    string `json:"level,omitempty"` // such as GOAMD64=v1
}

// ThisBuild returns what the running program knows of itself.
func ThisBuild() Build {
	b := Build{Version: "unknown", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "GOAMD64", "GOARM64":
			b.Level = s.Key + "=" + s.Value
		}
	}
	return b
}

// A Machine says what computed.
type Machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Threads int    `json:"gomaxprocs"`
	Backend string `json:"blas"` // of matrix products
}

// ThisMachine returns what is known of the machine; backend is the name of the matrix backend in use.
func ThisMachine(backend string) Machine {
	return Machine{CPU: processor(), Cores: runtime.NumCPU(), Threads: runtime.GOMAXPROCS(0), Backend: backend}
}

// processor returns the name of the processor, where the system tells it in /proc/cpuinfo, otherwise the architecture.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// moveRun gives the only run under a directory another name: "rename-run DIR NAME".
func moveRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: rename-run DIR NAME")
	}
	list, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "manifest.json"))
	ts.Check(err)
	if len(list) != 1 {
		ts.Fatalf("%d runs under %s", len(list), args[0])
	}
	ts.Check(os.Rename(filepath.Dir(list[0]), ts.MkAbs(args[1])))
}

// editFile replaces the only occurrence of a text: "edit FILE OLD NEW".
func editFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%s has %q %d times", args[0], args[1], n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o644))
}

// cutFile leaves out the last N bytes of a file: "truncate FILE N".
func cutFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text[:max(len(text)-n, 0)]), 0o644))
}

package catalog

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/retrodict/retrodict/record"
)

// A Run is a run folder and what came of it.
type Run struct {
	ID       string          `json:"id"`   // name of the folder
	Path     string          `json:"path"` // of the folder
	Manifest record.Manifest `json:"manifest"`
	Loss     *float64        `json:"loss"` // of the last epoch; nil: there is none, or it is not finite
	TestLoss *float64        `json:"test_loss"`
	Accuracy *float64        `json:"accuracy"`
	Bytes    int64           `json:"bytes"` // of all files
}

// Killed is the status of a run that says it is running, when no process is writing it.
const Killed = "killed"

// look sets the status of a run that was killed, which could not say so itself.
func (r *Run) look() {
	if r.Manifest.Status == "running" && !record.UnderWay(r.Path) {
		r.Manifest.Status = Killed
	}
}

// An Index lists runs. It is used by one goroutine at a time; several programs may have one open.
type Index struct {
	root string
	db   *sql.DB
}

// fileName is the name of the index, beside the run folders; version is that of its table.
const (
	fileName = ".index.sqlite"
	version  = 1
)

// Open returns the index of the runs under root, up to date with the folders. A root that does not exist has no runs. Where
// no file can be written, the index is in memory.
func Open(root string) (*Index, error) {
	x := &Index{root: root}
	path := filepath.Join(root, fileName)
	err := x.open(path)
	if err != nil { // broken, or of another version: it is only a cache
		_ = os.Remove(path)
		err = x.open(path)
	}
	if err != nil {
		err = x.open(":memory:")
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: %s: %w", path, err)
	}
	return x, nil
}

func (x *Index) open(path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	x.db = db
	if err = x.prepare(); err == nil {
		err = x.Update()
	}
	if err != nil {
		_ = db.Close()
	}
	return err
}

func (x *Index) prepare() error {
	if _, err := x.db.Exec("PRAGMA busy_timeout = 5000"); err != nil {
		return err
	}
	var v int
	if err := x.db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		return err
	}
	if v != 0 && v != version {
		return fmt.Errorf("version %d, want %d", v, version)
	}
	_, err := x.db.Exec(`CREATE TABLE IF NOT EXISTS runs (
		id TEXT PRIMARY KEY, stamp TEXT NOT NULL, started INTEGER NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
		run TEXT NOT NULL) WITHOUT ROWID; CREATE INDEX IF NOT EXISTS by_start ON runs (started, id);` + fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}

// Close closes the index.
func (x *Index) Close() error { return x.db.Close() }

// Update brings the index up to date with the folders: it reads those that are new or have changed.
func (x *Index) Update() error {
	known, err := x.stamps()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(x.root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("catalog: %w", err)
	}
	tx, err := x.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, e := range entries {
		path := filepath.Join(x.root, e.Name())
		stamp, ok := stampOf(path)
		if !ok {
			continue
		}
		before := known[e.Name()]
		delete(known, e.Name())
		if before == stamp {
			continue
		}
		r, err := Read(path)
		if err != nil {
			continue // not readable now; it is tried again next time
		}
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)", r.ID, stamp, r.Manifest.Started.UnixNano(), r.Manifest.Name, r.Manifest.Status, text); err != nil {
			return err
		}
	}
	for id := range known { // those that have no folder any more
		if _, err := tx.Exec("DELETE FROM runs WHERE id = ?", id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (x *Index) stamps() (map[string]string, error) {
	rows, err := x.db.Query("SELECT id, stamp FROM runs")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	m := map[string]string{}
	for rows.Next() {
		var id, stamp string
		if err := rows.Scan(&id, &stamp); err != nil {
			return nil, err
		}
		m[id] = stamp
	}
	return m, rows.Err()
}

// stampOf returns what changes whenever a run writes something that the index keeps; ok is false if path is no run.
func stampOf(path string) (stamp string, ok bool) {
	for _, name := range []string{"manifest.json", "metrics.csv"} {
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil {
			if name == "manifest.json" {
				return "", false
			}
			continue
		}
		stamp += fmt.Sprintf("%d:%d ", info.ModTime().UnixNano(), info.Size())
	}
	return stamp, true
}

// Read reads a run folder.
func Read(path string) (Run, error) {
	f, m, err := record.Open(path)
	if err != nil {
		return Run{}, err
	}
	r := Run{ID: filepath.Base(f.Path()), Path: f.Path(), Manifest: m}
	epochs, err := f.Epochs()
	if err != nil {
		return r, err
	}
	if n := len(epochs); n > 0 {
		e := epochs[n-1]
		r.Loss, r.TestLoss, r.Accuracy = finite(e.Loss), finite(e.TestLoss), finite(e.Accuracy)
	}
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, e := d.Info(); e == nil {
				r.Bytes += info.Size()
			}
		}
		return nil
	})
	return r, err
}

func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// A Query selects runs.
type Query struct {
	Name   string // of the experiment; "": any
	Status string // running, completed, interrupted, failed or killed; "": any
	Last   int    // the newest so many; 0: all
}

// List returns the runs that q selects, oldest first.
func (x *Index) List(q Query) ([]Run, error) {
	kept := q.Status // by the index, which follows files and not processes
	if kept == Killed {
		kept = "running"
	}
	rows, err := x.db.Query(`SELECT run FROM runs WHERE (?1 = '' OR name = ?1) AND (?2 = '' OR status = ?2)
		ORDER BY started DESC, id DESC`, q.Name, kept)
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	defer func() { _ = rows.Close() }()
	list := []Run{}
	for (q.Last <= 0 || len(list) < q.Last) && rows.Next() {
		var text []byte
		var r Run
		err := rows.Scan(&text)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil {
			return nil, fmt.Errorf("catalog: %w", err)
		}
		r.Path = filepath.Join(x.root, r.ID)
		if r.look(); q.Status == "" || r.Manifest.Status == q.Status {
			list = append(list, r)
		}
	}
	slices.Reverse(list)
	return list, rows.Err()
}

// Find returns the run that name means: the path of a folder, its name, the beginning of its name if no other begins so,
// or "last" for the one that started last.
func (x *Index) Find(name string) (Run, error) {
	if _, ok := stampOf(name); ok && strings.ContainsRune(name, filepath.Separator) {
		r, err := Read(name)
		r.look()
		return r, err
	}
	list, err := x.List(Query{})
	if err != nil {
		return Run{}, err
	}
	if name == "last" && len(list) > 0 {
		return list[len(list)-1], nil
	}
	var found []Run
	for _, r := range list {
		if r.ID == name {
			return r, nil
		}
		if strings.HasPrefix(r.ID, name) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Run{}, fmt.Errorf("catalog: %q is the beginning of %d names, such as %s and %s", name, len(found), found[0].ID, found[1].ID)
	}
	return Run{}, fmt.Errorf("catalog: no run %q under %s: see retrodict runs list", name, x.root)
}

// Remove deletes the folder of a run, with everything in it. A run that is under way is refused, and unless forced one that
// has not ended: it was killed, and may be one to go on with, or is under way on another machine.
func (x *Index) Remove(r Run, force bool) error {
	if _, ok := stampOf(r.Path); !ok {
		return fmt.Errorf("catalog: %s is no run", r.Path)
	}
	lock, err := record.LockFolder(r.Path)
	if err != nil {
		return err
	}
	if (r.Manifest.Status == "running" || r.Manifest.Status == Killed) && !force {
		_ = lock.Release()
		return fmt.Errorf("catalog: %s has not ended: if it was killed and is not to go on, use --force", r.ID)
	}
	if err := lock.Release(); err != nil {
		return err
	}
	if err := os.RemoveAll(r.Path); err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	return x.Update()
}

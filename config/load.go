package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile bounds the size of a configuration in bytes.
const maxFile = 1 << 20

// Load reads the file at path, "" for none, on top of those that it includes, applies overrides ("a.b=value", the value being YAML) in their order, and
// checks the result. All that does not need data or a graph is checked here.
func Load(path string, overrides ...string) (*Loaded, error) {
	var text []byte
	if path != "" {
		var err error
		if text, err = readFile(path); err != nil {
			return nil, err
		}
	}
	return Parse(path, text, overrides...)
}

// A Loaded configuration knows where its values were written, for messages about what turns out later.
type Loaded struct {
	Config
	Source string // the file, "" for none
	where  positions
	row    []int // dimensions of one row of the data, once they are read
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, &Error{Position: Position{Source: path}, Message: err.Error()}
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("more than %d bytes: not a configuration", maxFile)
	}
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, &Error{Position: Position{Source: path}, Message: err.Error()}
	}
	return text, nil
}

// Parse is Load for a text; source names it in errors.
func Parse(source string, text []byte, overrides ...string) (*Loaded, error) {
	l := &Loaded{Config: Default(), Source: source, where: positions{}}
	body, err := parse(source, text)
	if err != nil {
		return nil, err
	}
	files, err := collect(source, body, nil, nil)
	if err != nil {
		return nil, err
	}
	if err := l.settle(files, overrides); err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.body == nil {
			continue
		}
		d := &decoder{source: f.source, where: l.where, knobs: &l.Knobs, settled: true}
		if err := d.set(f.body, "", reflect.ValueOf(&l.Config).Elem()); err != nil {
			return nil, err
		}
	}
	for _, o := range overrides {
		if strings.HasPrefix(o, "knobs.") {
			continue
		}
		if err := l.override(o); err != nil {
			return nil, err
		}
	}
	if err := l.fill(); err != nil {
		return nil, err
	}
	return l, l.check()
}

// parse returns the only document of a text, nil if it is empty.
func parse(source string, text []byte) (ast.Node, error) {
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		e := &Error{Position: Position{Source: source}, Message: err.Error()}
		var t tokenOf
		if errors.As(err, &t) {
			e.Message = t.GetMessage()
			if tk := t.GetToken(); tk != nil && tk.Position != nil {
				e.Line, e.Column = tk.Position.Line, tk.Position.Column
			}
		}
		e.Message = strings.TrimSpace(e.Message)
		return nil, e
	}
	var body ast.Node
	for _, doc := range f.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return nil, &Error{Position: Position{Source: source, Line: doc.Body.GetToken().Position.Line, Column: 1}, Message: "a second document: one file holds one experiment"}
		}
		body = doc.Body
	}
	return body, nil
}

// override applies "a.b=value".
func (l *Loaded) override(o string) error {
	d := &decoder{source: "--set " + o, override: true, where: l.where, knobs: &l.Knobs, settled: true}
	path, value, ok := strings.Cut(o, "=")
	if rest, sweep := strings.CutPrefix(path, "sweep."); ok && sweep {
		return l.overrideSweep(d, rest, path, value)
	}
	if !ok || path == "" {
		return &Error{Position: Position{Source: d.source}, Message: "want key=value, such as learning.epochs=5"}
	}
	v := reflect.ValueOf(&l.Config).Elem()
	at := ""
	for key := range strings.SplitSeq(path, ".") {
		if v.Kind() != reflect.Struct {
			return &Error{Position: Position{Source: d.source}, Path: at, Message: "has no keys in it"}
		}
		f, ok := field(v, key)
		if at = join(at, key); !ok {
			return &Error{Position: Position{Source: d.source}, Path: at, Message: "unknown key" + suggest(key, v.Type())}
		}
		v = f
	}
	body, err := parse(d.source, []byte(value))
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			e.Line, e.Column, e.Path = 0, 0, path
		}
		return err
	}
	if body == nil {
		return &Error{Position: Position{Source: d.source}, Path: path, Message: "no value"}
	}
	if v.Kind() != reflect.Struct {
		l.where[path] = Position{Source: d.source}
	}
	return d.set(body, path, v)
}

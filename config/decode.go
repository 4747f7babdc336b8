package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A decoder sets typed fields from a syntax tree, and remembers where each was written. It is stricter than package yaml:
// keys must exist, types must be right, numbers must fit; anchors, aliases, merges and tags are refused.
type decoder struct {
	source   string
	override bool // positions have no line
	where    positions
	knobs    *Settings // values that $name stands for
	settled  bool      // the knobs are read
	knob     string    // of the reference whose value is being read: see Position
}

// A decoded type reads its own syntax. decode returns false if the node has the usual one.
type decoded interface {
	decode(d *decoder, n ast.Node, path string) (done bool, err error)
}

func elem(pointer any) reflect.Value { return reflect.ValueOf(pointer).Elem() }

func (d *decoder) position(n ast.Node) Position {
	p := Position{Source: d.source}
	if p.Knob = d.knob; p.Knob == "" {
		p.Knob = d.reference(n)
	}
	if t := n.GetToken(); !d.override && t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	return p
}

func (d *decoder) errorf(n ast.Node, path, format string, args ...any) error {
	return &Error{Position: d.position(n), Path: path, Message: fmt.Sprintf(format, args...)}
}

// set stores n, which stands at path, into v.
func (d *decoder) set(n ast.Node, path string, v reflect.Value) error {
	reference := d.reference(n)
	n, err := d.resolve(n, path)
	if err != nil {
		return err
	}
	if reference != "" {
		defer func(outer string) { d.knob = outer }(d.knob)
		d.knob = reference
	}
	if x, ok := v.Addr().Interface().(decoded); ok {
		if done, err := x.decode(d, n, path); done || err != nil {
			return err
		}
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.set(n, path, v.Elem())
	}
	if v.Kind() == reflect.Struct {
		return d.setStruct(n, path, v)
	}
	if v.Kind() == reflect.Slice {
		return d.setSlice(n, path, v)
	}
	return d.setScalar(n, path, v)
}

func (d *decoder) setStruct(n ast.Node, path string, v reflect.Value) error {
	if _, empty := n.(*ast.NullNode); empty {
		return nil
	}
	m, ok := n.(ast.MapNode)
	if !ok || n.Type() == ast.AliasType || n.Type() == ast.AnchorType {
		return d.errorf(n, path, "got %s, want a section of keys", describe(n))
	}
	for it := m.MapRange(); it.Next(); {
		key := it.Key()
		t := key.GetToken()
		if t == nil || key.IsMergeKey() {
			return d.errorf(n, path, "merge keys are not used here")
		}
		if path == "" && t.Value == includeKey {
			continue
		}
		f, ok := field(v, t.Value)
		if !ok {
			return d.errorf(key, join(path, t.Value), "unknown key%s", suggest(t.Value, v.Type()))
		}
		p := join(path, t.Value)
		if p == "knobs" && d.settled {
			continue
		}
		d.where[p] = d.position(key)
		if d.override {
			d.where[p] = Position{Source: d.source}
		}
		if err := d.set(it.Value(), p, f); err != nil {
			return err
		}
		if _, section := it.Value().(ast.MapNode); !section {
			d.where[p] = d.position(it.Value())
		}
	}
	return nil
}

func (d *decoder) setSlice(n ast.Node, path string, v reflect.Value) error {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		example := "[64, 48, 10]"
		switch v.Type().Elem().Kind() {
		case reflect.String:
			example = "[one, another]"
		case reflect.Struct:
			example = "[{…}, {…}]"
		}
		return d.errorf(n, path, "got %s, want a list such as %s", describe(n), example)
	}
	list := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, e := range s.Values {
		p := fmt.Sprintf("%s[%d]", path, i)
		d.where[p] = d.position(e)
		if err := d.set(e, p, list.Index(i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func (d *decoder) setScalar(n ast.Node, path string, v reflect.Value) error {
	ok := false
	want := ""
	switch v.Kind() {
	case reflect.String:
		want = "text"
		if s, is := text(n); is {
			v.SetString(s)
			ok = true
		} else if _, is := n.(ast.ScalarNode); is && n.Type() != ast.NullType {
			want = "text: put it in quotes"
		}
	case reflect.Bool:
		want = "true or false"
		if b, is := n.(*ast.BoolNode); is {
			v.SetBool(b.Value)
			ok = true
		}
	case reflect.Int:
		want = "a whole number"
		if i, is := integer(n); is && i >= math.MinInt32 && i <= math.MaxInt32 {
			v.SetInt(i)
			ok = true
		}
	case reflect.Uint64:
		want = "a whole number from 0 on"
		if u, is := unsigned(n); is {
			v.SetUint(u)
			ok = true
		}
	case reflect.Float64:
		want = "a number"
		if x, is := number(n); is {
			v.SetFloat(x)
			ok = true
		}
	}
	if !ok {
		return d.errorf(n, path, "got %s, want %s", describe(n), want)
	}
	return nil
}

func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func integer(n ast.Node) (int64, bool) {
	if i, ok := n.(*ast.IntegerNode); ok {
		switch x := i.Value.(type) {
		case int64:
			return x, true
		case uint64:
			return int64(x), x <= math.MaxInt64
		}
	}
	return 0, false
}

func unsigned(n ast.Node) (uint64, bool) {
	if i, ok := n.(*ast.IntegerNode); ok {
		switch x := i.Value.(type) {
		case int64:
			return uint64(x), x >= 0
		case uint64:
			return x, true
		}
	}
	return 0, false
}

func number(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.FloatNode:
		return n.Value, !math.IsInf(n.Value, 0) && !math.IsNaN(n.Value)
	case *ast.StringNode: // the parser takes 1e-3 for text, against YAML 1.2, 10.3.2
		if n.Token.Type != token.StringType || strings.Trim(n.Value, "0123456789.eE+-") != "" {
			return 0, false
		}
		x, err := strconv.ParseFloat(n.Value, 64)
		return x, err == nil
	case *ast.IntegerNode:
		switch x := n.Value.(type) {
		case int64:
			return float64(x), true
		case uint64:
			return float64(x), true
		}
	}
	return 0, false
}

// describe says what n is, for an error message.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a section"
	case *ast.AliasNode, *ast.AnchorNode:
		return "an anchor or alias, which are not used here"
	case *ast.TagNode:
		return "a tag, which is not used here"
	case *ast.StringNode:
		return fmt.Sprintf("%q", clip(n.Value))
	}
	if t := n.GetToken(); t != nil {
		return clip(strings.TrimSpace(t.Value))
	}
	return n.Type().String()
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// field returns the field of v with the given key.
func field(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if keyOf(v.Type().Field(i)) == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return key
}

// tokenOf is what an error of the parser carries.
type tokenOf interface {
	GetToken() *token.Token
	GetMessage() string
}

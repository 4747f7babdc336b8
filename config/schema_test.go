package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/record"
)

var update = flag.Bool("update", false, "write schema.json anew")

// TestSchemaIsUpToDate generates the schema from the types, their comments and the names that they may have.
func TestSchemaIsUpToDate(t *testing.T) {
	got := generate(t)
	if *update {
		require.NoError(t, os.WriteFile("schema.json", got, 0o644))
		return
	}
	require.True(t, Schema() == string(got), "the schema is not that of the types: run go generate ./config")
}

func generate(t *testing.T) []byte {
	r := &jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, Mapper: mapped, Anonymous: true}
	require.NoError(t, r.AddGoComments("github.com/retrodict/retrodict/config", ".", jsonschema.WithFullComment()))
	for k, c := range r.CommentMap {
		r.CommentMap[k] = strings.Join(strings.Fields(c), " ")
	}
	s := r.Reflect(&Config{})
	s.Definitions["Plot"] = r.Reflect(&Plot{}).Definitions["Plot"] // in sections with keys of their own
	s.Title, s.ID = "retrodict experiment", ""
	for name, d := range s.Definitions {
		for p := d.Properties.Oldest(); p != nil; p = p.Next() {
			if names := enums()[name+"."+p.Key]; names != nil {
				for _, n := range names {
					p.Value.Enum = append(p.Value.Enum, n)
				}
			}
			p.Value = referable(name+"."+p.Key, p.Value)
		}
	}
	include := &jsonschema.Schema{Description: "files that this one builds on, relative to it: it is applied on top of them, sections key by key; lists and sweep.cases replace what is there", OneOf: []*jsonschema.Schema{{Type: "string"}, {Type: "array", Items: &jsonschema.Schema{Type: "string"}}}}
	s.Definitions["Config"].Properties.Set(includeKey, include)
	short(s)
	s.Definitions["Knob"] = &jsonschema.Schema{Type: "string", Pattern: `^\$`, Description: "$name stands for the value of a knob"}
	out, err := json.MarshalIndent(s, "", "  ")
	require.NoError(t, err)
	return append(bytes.ReplaceAll(out, []byte("\\u003e"), []byte(">")), '\n')
}

// enums returns the names that keys may have.
func enums() map[string][]string {
	return map[string][]string{
		"Config.dtype": {"f64", "f32"}, "Network.arch": network.Names(), "Network.grain": {"layer", "neuron", "synapse"}, "Data.set": Sets(),
		"Learning.schedule": schedules(), "Learning.state": {"displacement", "absolute"}, "Return.kind": {"transpose", "random", "sign", "stale"},
		"Time.engine": Engines(), "Time.blas": Backends(), "Time.hosting": Hostings(), "Time.mode": {"lockstep", "free"}, "Way.on_loss": {"keep-last", "zero"}, "Clock.kind": {"periodic", "poisson", "event"},
		"Compare.reference": {"bp", "none"}, "Trace.to": record.Formats(), "Plot.band": {"ci95", "median"},
	}
}

// mapped returns the schema of types that read a syntax of their own.
func mapped(t reflect.Type) *jsonschema.Schema {
	one := func(list ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: list} }
	number, text := &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "string"}
	switch reflect.New(t).Interface().(type) {
	case *Duration:
		return duration()
	case *Interval:
		return one(&jsonschema.Schema{Type: "integer"}, text)
	case *Every:
		return one(&jsonschema.Schema{Type: "string", Enum: []any{"epoch", "update", "end"}}, &jsonschema.Schema{Type: "integer"}, knob())
	case *Journal:
		return one(&jsonschema.Schema{Type: "boolean"}, &jsonschema.Schema{Type: "integer"}, knob())
	case *Phase:
		return one(&jsonschema.Schema{Const: "uniform"}, number, knob())
	case *Settings:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: one(number, text)}
	case *Sweep:
		return sweepSchema()
	case *Values:
		return one(number, knob(), &jsonschema.Schema{Type: "array", Items: number})
	}
	return nil
}

// duration returns the schema of a time.
func duration() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string", Pattern: `^[-+0-9.eE]+ *(s|ms|us|µs|μs|ns)$|^\$`}, {Const: 0}}}
}

// sweepSchema returns the schema of what a study varies: beside the keys of its own, keys with lists of values.
func sweepSchema() *jsonschema.Schema {
	p := jsonschema.NewProperties()
	for _, k := range []string{"seeds", "samples", "pretrain"} {
		p.Set(k, &jsonschema.Schema{Type: "integer"})
	}
	p.Set("cases", &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{Type: "object"}})
	p.Set("plots", &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Ref: "#/$defs/Plot"}})
	return &jsonschema.Schema{Type: "object", Properties: p, AdditionalProperties: &jsonschema.Schema{Type: "array"}}
}

// short adds the short forms that types have beside their sections.
func short(s *jsonschema.Schema) {
	number := referable("", &jsonschema.Schema{Type: "number"})
	for name, other := range map[string]*jsonschema.Schema{"Delay": duration(), "Jitter": duration(), "Loss": number, "Noise": number, "Drift": number,
		"Return": {Type: "string"}, "Record": {Type: "array", Items: &jsonschema.Schema{Ref: "#/$defs/Trace"}}} {
		if d := s.Definitions[name]; d != nil {
			s.Definitions[name] = &jsonschema.Schema{Description: d.Description, OneOf: []*jsonschema.Schema{d, other}}
		}
	}
	clocks := s.Definitions["Config"].Properties.Value("clocks")
	s.Definitions["Config"].Properties.Set("clocks", &jsonschema.Schema{AnyOf: []*jsonschema.Schema{clocks, {Ref: "#/$defs/Clock"}}})
}

// referable lets a number or a switch be the name of a knob, too.
func referable(name string, s *jsonschema.Schema) *jsonschema.Schema {
	if s.Enum != nil {
		c := *s
		c.Description = ""
		return &jsonschema.Schema{Description: s.Description, AnyOf: []*jsonschema.Schema{{Type: c.Type, Enum: c.Enum}, knob()}}
	}
	switch s.Type {
	case "array":
		s.Items = referable("", s.Items)
	case "number", "integer", "boolean":
		return &jsonschema.Schema{Description: s.Description, AnyOf: []*jsonschema.Schema{{Type: s.Type}, knob()}}
	}
	return s
}

func knob() *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/Knob"} }

// Every key of a configuration is in the schema, and none else.
func TestSchemaHasEveryKey(t *testing.T) {
	var s jsonschema.Schema
	require.NoError(t, json.Unmarshal([]byte(Schema()), &s))
	var walk func(typ reflect.Type, path string)
	seen := map[reflect.Type]bool{}
	walk = func(typ reflect.Type, path string) {
		for mapped(typ) == nil && (typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice) {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || mapped(typ) != nil {
			return
		}
		seen[typ] = true
		d := s.Definitions[typ.Name()]
		if !assert.NotNil(t, d, typ.Name()) {
			return
		}
		if len(d.OneOf) > 0 {
			d = d.OneOf[0]
		}
		extra := 0
		if typ.Name() == "Config" {
			extra = 1 // include
		}
		assert.Equal(t, typ.NumField()+extra, d.Properties.Len(), typ.Name())
		for i := range typ.NumField() {
			_, ok := d.Properties.Get(keyOf(typ.Field(i)))
			assert.True(t, ok, path+"."+keyOf(typ.Field(i)))
			walk(typ.Field(i).Type, path+"."+keyOf(typ.Field(i)))
		}
	}
	walk(reflect.TypeFor[Config](), "")
	walk(reflect.TypeFor[Plot](), "plots")
	assert.Greater(t, len(seen), 12)
}

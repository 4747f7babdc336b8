package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A validator knows as much of JSON Schema as the schema of configurations has in it.
type validator struct{ defs map[string]any }

// valid returns an error that says where v does not fit s.
func (d validator) valid(s any, v any, path string) error {
	if s == true {
		return nil
	}
	m, ok := s.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is not admitted", path)
	}
	if ref, ok := m["$ref"].(string); ok {
		if err := d.valid(d.defs[filepath.Base(ref)], v, path); err != nil {
			return err
		}
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		list, ok := m[key].([]any)
		n, last := 0, error(nil)
		for _, x := range list {
			if err := d.valid(x, v, path); err != nil {
				last = err
			} else {
				n++
			}
		}
		if ok && (n == 0 || key == "oneOf" && n > 1) {
			return fmt.Errorf("%s: %v fits %d of %s, the last: %w", path, v, n, key, last)
		}
	}
	if t, ok := m["type"].(string); ok && t != typeOf(v) && !(t == "number" && typeOf(v) == "integer") {
		return fmt.Errorf("%s: %v is no %s", path, v, t)
	}
	if c, ok := m["const"]; ok && fmt.Sprint(c) != fmt.Sprint(v) {
		return fmt.Errorf("%s: %v is not %v", path, v, c)
	}
	if e, ok := m["enum"].([]any); ok && !slices.Contains(e, v) {
		return fmt.Errorf("%s: %v is none of %v", path, v, e)
	}
	if p, ok := m["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(fmt.Sprint(v)) {
		return fmt.Errorf("%s: %v does not match %s", path, v, p)
	}
	return d.parts(m, v, path)
}

// parts checks what is in v.
func (d validator) parts(m map[string]any, v any, path string) error {
	if list, ok := v.([]any); ok && m["items"] != nil {
		for i, x := range list {
			if err := d.valid(m["items"], x, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	}
	section, _ := v.(map[string]any)
	known, _ := m["properties"].(map[string]any)
	for key, x := range section {
		s, ok := known[key]
		if !ok {
			if s, ok = m["additionalProperties"]; !ok {
				continue
			}
		}
		if err := d.valid(s, x, join(path, key)); err != nil {
			return err
		}
	}
	return nil
}

func typeOf(v any) string {
	switch v := v.(type) {
	case bool:
		return "boolean"
	case uint64, int64:
		return "integer"
	case float64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case string:
		if _, err := strconv.ParseFloat(v, 64); err == nil { // 1e-3: see number
			return "number"
		}
		return "string"
	}
	return "null"
}

// What can be read is valid under the schema, and mistakes are not.
func TestSchemaAdmitsWhatCanBeRead(t *testing.T) {
	var s map[string]any
	require.NoError(t, json.Unmarshal([]byte(Schema()), &s))
	d := validator{s["$defs"].(map[string]any)}
	check := func(text string) error {
		var v map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &v), text)
		return d.valid(s, v, "")
	}
	files, err := filepath.Glob("../studies/*/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		assert.NoError(t, check(string(text)), f)
	}
	assert.NoError(t, check(jitter))
	assert.NoError(t, check(patient))
	const knobs = "knobs: {a: 1, b: 1 ms, c: uniform}\n"
	for _, text := range []string{
		`links: [{match: "* -> *", both: {delay: $b, jitter: $b, loss: $a, noise: $a, quantum: $a, duplicate: $a}}]`,
		`links: [{match: "* -> *", both: {delay: 0, jitter: 0, loss: 0}}]`,
		`links: [{match: "* -> *", both: {delay: {distance: {velocity: $a, length: [$a]}}}}]`,
		"clocks: {drift: $a, phase: $a}",
		"clocks: [{drift: {normal: {sd: $a}}, phase: $c}]",
		"network: {layers: [64, $a, 10]}",
		"learning: {precision: {hidden: $a}}",
		"compare: {every: $a}",
		"record: {checkpoint: $a, journal: $a}",
		"network: {init: {gain: $a}}",
		"time: {stream: $a, settle: 0}",
	} {
		assert.NoError(t, check(knobs+text))
	}
	for _, text := range []string{
		"network: {layer: [64]}", "links: [{match: 7}]", `links: [{match: "* -> *", both: {delay: 7}}]`, "clocks: {phase: often}", "time: {mode: fast}",
		"network: {layers: [many]}", "compare: {every: day}",
	} {
		assert.Error(t, check(text), text)
	}
}

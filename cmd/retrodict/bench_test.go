package main

import (
	"context"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Mistakes are found before anything is measured: exit 2, one message that says which flag, and nothing printed.
func TestBenchMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"--engine foo mlp20":                       `unknown engine "foo": use bp, pc or actors`,
		"--engine sim":                             `unknown engine "sim"`,
		"--engine , mlp20":                         "--engine",
		"--engine foo async":                       `unknown engine "foo"`,
		"--engine bp neurons":                      "neurons measures pc or actors",
		"--engine actors --schedule event-delta":   "use engine pc or sim",
		"--schedule foo":                           `unknown schedule "foo"`,
		"--schedule ,":                             "--schedule",
		"--dtype f16 mlp20":                        "--dtype: use f32 or f64",
		"--vertices 0 neurons":                     "--vertices 0 ",
		"--vertices=-5 neurons":                    "--vertices -5 ",
		"--vertices 3 neurons":                     "3 vertices with 10 inputs each in 10 layers",
		"--vertices 15 --depth 10 neurons":         "want a multiple of --depth, 10: every layer has the same number, so 10 or 20",
		"--vertices 99999999990 neurons":           "at most 2^31 edges",
		"--vertices 99999999999 neurons":           "want a multiple of --depth",
		"--fanin 0 neurons":                        "--fanin 0 ",
		"--depth=-1 neurons":                       "--depth -1",
		"--depth 0 neurons":                        "--depth 0",
		"--reps 0":                                 "--reps: got 0, want 1 or more",
		"--reps=-3 mlp20":                          "--reps: got -3",
		"--workers=-2 mlp20":                       "--workers: got -2",
		"mlp20 nothing":                            `unknown job "nothing": use one of`,
		"--engine actors --schedule zil,foo mlp20": `unknown schedule "foo"`,
	} {
		var c commands
		parser, err := kong.New(&c, kong.Vars{"jobs": jobNames(), "archs": "", "schedules": ""})
		require.NoError(t, err)
		_, err = parser.Parse(append([]string{"bench"}, strings.Fields(args)...))
		require.NoError(t, err, args)
		var out strings.Builder
		err = c.Bench.Run(&terminal{ctx: context.Background(), out: &out})
		var e *exit
		require.ErrorAs(t, err, &e, args)
		assert.Equal(t, exitUsage, e.code, args)
		assert.ErrorContains(t, err, want, args)
		assert.Empty(t, out.String(), args)
	}
}

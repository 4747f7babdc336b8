package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/record"
)

func TestTraces(t *testing.T) {
	const text = "learning: {schedule: zil-dense}\ntime: {engine: pc}\nrecord:\n"
	list := "  - {what: [value, error], of: \"hidden/0..7\", every: 2, updates: [0, 9], to: parquet}\n  - {what: [energy, residual], of: level, every: update, to: csv}\n  - {what: [error], of: level}\n"
	a, err := Parse("x.yaml", []byte(text+list))
	require.NoError(t, err)
	assert.Equal(t, []record.Spec{{What: []string{"value", "error"}, Of: "hidden/0..7", Every: 2, Updates: []int{0, 9}, To: "parquet"},
		{What: []string{"energy", "residual"}, Of: "level", Every: 1, Unit: record.Updates, To: "csv"}, {What: []string{"error"}, Of: "level"}}, a.Record.Specs())
	assert.Equal(t, "runs", a.Record.Dir, "what a list leaves out are defaults")
	b, err := Parse("x.yaml", []byte(text+"  dir: runs\n  traces:\n"+list))
	require.NoError(t, err)
	assert.Equal(t, a.Config, b.Config)
	out, err := a.Marshal()
	require.NoError(t, err)
	again, err := Parse("copy.yaml", out)
	require.NoError(t, err)
	assert.Equal(t, a.Config, again.Config)

	c, err := Parse("x.yaml", []byte("time: {engine: sim, mode: free}\nrecord: [{what: [value], of: \"*\", every: 0.5 ms}]\n"))
	require.NoError(t, err)
	assert.Equal(t, 0.5, c.Record.Specs()[0].Every)
	assert.Equal(t, record.Millis, c.Record.Specs()[0].Unit)
}

func TestTracesThatAreRefused(t *testing.T) {
	for text, message := range map[string]string{
		"record: [{what: [spikes]}]":                                                               `x.yaml:1:10: record.traces[0]: unknown quantity "spikes": use one of value, `,
		"record: [{what: []}]":                                                                     "nothing to record",
		"record: [{what: [energy], to: xls}]":                                                      `unknown format "xls"`,
		"record: [{what: [energy], every: hourly}]":                                                `record.traces[0].every: got "hourly": want tick, update`,
		"record: [{what: [energy], every: 0}]":                                                     "want tick, update",
		"record: [{what: [energy], every: -1 ms}]":                                                 "want tick, update",
		"record: [{what: [energy], every: 1 ms}]":                                                  "actors has no time of its own",
		"time: {engine: sim, mode: free}\nrecord: [{what: [energy]}]":                              "ticks of vertices do not coincide",
		"record: [{what: [energy], every: update, updates: [-1]}]":                                 "counted from 0",
		"record: [{what: [energy], every: update, updates: []}]":                                   "record.traces[0].updates: no update in it: leave it out for all",
		"record: [{what: energy}]":                                                                 "got \"energy\", want a list such as [one, another]",
		"record: [{what: [energy], when: now}]":                                                    "unknown key",
		"time: {engine: pc}\nrecord: [{what: [late], every: update}]":                              "pc has no late: there a message arrives at once",
		"record: [{what: [queue], every: tick}]":                                                   "actors has no queue",
		"time: {engine: bp}\nrecord: [{what: [weight], of: \"*\"}]":                                "bp has no ticks",
		"record: [{what: [value], of: \"*\", every: event}]":                                       "value is no event",
		"record: [{what: [turns], of: level, every: event}]":                                       "events happen to vertices",
		"time: {engine: actors, mode: free}\nlearning: {schedule: il}\nrecord: [{what: [energy]}]": "ticks of vertices do not coincide",
		"record: [{what: [feedback], of: \"*/w\"}]":                                                "record feedback with every: update",
		"time: {engine: bp}\nrecord: [{what: [error], of: level, every: update}]":                  "bp has no error",
		"record: {traces: {what: [energy]}}":                                                       "got a section, want a list",
		"record: [{what: [energy, energy], every: update, updates: [1]}]":                          "named twice",
	} {
		_, err := Parse("x.yaml", []byte(text))
		assert.ErrorContains(t, err, message, text)
	}
}

func TestIntervals(t *testing.T) {
	for text, want := range map[string]Interval{"tick": {N: 1}, "7": {N: 7}, "7 ticks": {N: 7}, "event": {N: 1, Unit: record.Events}, "update": {N: 1, Unit: record.Updates}, "10 updates": {N: 10, Unit: record.Updates},
		"0.5 ms": {Unit: record.Millis, Time: Millisecond / 2}, "2us": {Unit: record.Millis, Time: 2 * Microsecond}} {
		x, err := ParseInterval(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, x, text)
		again, err := ParseInterval(x.String())
		require.NoError(t, err)
		assert.Equal(t, x, again)
	}
}

// What is recorded must be there, and who gets it wrong is told what is.
func TestTracesOfNothing(t *testing.T) {
	l, err := Parse("x.yaml", []byte("network: {layers: [4, 5, 5, 3], grain: neuron}\ndata: {set: iris}\nrecord:\n  - {what: [energy], of: level}\n  - {what: [value], of: \"hidden/*\"}\n"))
	require.NoError(t, err)
	_, err = l.Open()
	assert.ErrorContains(t, err, `x.yaml:5:25: record.traces[1].of: pattern "hidden/*": no vertex is called "hidden/*": there are input/…, hidden1/`)
}

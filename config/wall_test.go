package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Free-running actors take the configuration of virtual time, and their units last as long as the scale says.
func TestFreeRunningActors(t *testing.T) {
	l, err := Parse("x.yaml", []byte(jitter), "time.engine=actors", "interventions=[]", "time.scale=20 ms", "sweep={}")
	require.NoError(t, err)
	assert.True(t, l.Wall() && l.Free())
	assert.Equal(t, int64(200_000), l.Time.unit().Nanoseconds(), "0.01 ms at a 20th of the speed")
	s, err := l.Open()
	require.NoError(t, err)
	assert.Equal(t, "zil-dense", s.Rule.Name)
	e, err := s.Engine("actors", s.Rule)
	require.NoError(t, err)
	require.NoError(t, e.Close())
	assert.False(t, s.Promised(e, s.Rule))

	text, err := s.Config.Marshal()
	require.NoError(t, err)
	again, err := Parse("resolved.yaml", text)
	require.NoError(t, err, string(text))
	assert.Equal(t, l.Time, again.Time)
}

func TestTimeOnTheWallIsChecked(t *testing.T) {
	for _, c := range [][]string{
		{"time.scale: only free-running actors follow the clock of the wall", "time.scale=1 ms"},
		{"time.scale: only free-running actors", "time={engine: sim, mode: free, scale: 1 ms}"},
		{`time.mode: unknown name "fre": use one of lockstep, free`, "time={engine: actors, mode: fre}"},
		{"time.scale: 0: want the time", "time={engine: actors, mode: free, scale: 0}"},
		{"leaves less than a nanosecond", "time={engine: actors, mode: free, scale: 10 ns}"},
		{"time.stream: free-running actors begin", "time={engine: actors, mode: free, stream: true}"},
		{"interventions: actors run on the clock", "time={engine: actors, mode: free}", "interventions=[{at: {update: 1}, lesion: {vertices: '*'}}]"},
		{"learning.schedule: schedule event has no clock", "time={engine: actors, mode: free}", "learning.schedule=event"},
		{"record.checkpoint: free-running actors cannot", "time={engine: actors, mode: free}", "record.checkpoint=10"},
		{"record.checkpoint: -1 updates", "record.checkpoint=-1"},
		{"time.settle: engine actors has no virtual time", "time={engine: actors, mode: lockstep, settle: 1 ms}"},
	} {
		_, err := Parse("", nil, c[1:]...)
		assert.ErrorContains(t, err, c[0], c)
	}
	_, err := Parse("", nil, "time={engine: actors, mode: lockstep}", "record.checkpoint=10")
	assert.NoError(t, err)
}

package study

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a run says about its messages adds up, also where some are under way for ever or twice.
func TestMessagesOfAReportAddUp(t *testing.T) {
	for name, time := range map[string]string{
		"lockstep": "engine: sim", "free": "engine: sim, mode: free", "stream": "engine: sim, mode: free, stream: true",
		"actors": "engine: actors, mode: free, scale: 0.01 ms", "actors stream": "engine: actors, mode: free, stream: true, scale: 0.01 ms",
	} {
		text := fmt.Sprintf(briefly, fmt.Sprintf(`time: {%s}, learning: {schedule: il, il: {ticks: 10}, updates: 4},
			links: [{match: "* -> *", both: {delay: {exponential: 3 ms}, duplicate: 0.2, reorder: true, loss: 0.1}}]`, time))
		got, err := Run(context.Background(), set(t, t.TempDir(), text), RunOptions{})
		require.NoError(t, err)
		v := got.Virtual
		require.Positive(t, v.Doubled, name)
		assert.Equal(t, name == "stream" || name == "actors stream", v.UnderWay > 0, name)
		assert.Equal(t, v.Sent+v.Resent+v.Doubled, v.Delivered+v.Lost+v.Stale+v.Duplicated+v.Expired+v.UnderWay, name)
	}
}

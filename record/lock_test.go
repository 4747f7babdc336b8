package record

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test be a process that holds a lock.
func TestMain(m *testing.M) {
	if dir := os.Getenv("RETRODICT_TEST_LOCK"); dir != "" {
		_, err := LockFolder(dir)
		if err != nil {
			os.Exit(3)
		}
		os.Stdout.WriteString("locked\n") //nolint:errcheck // the parent waits for it
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A folder has one lock at a time, and leaves no file behind.
func TestLockFolder(t *testing.T) {
	dir := t.TempDir()
	l, err := LockFolder(dir)
	require.NoError(t, err)
	_, err = LockFolder(dir)
	require.ErrorIs(t, err, ErrLocked)
	assert.ErrorContains(t, err, dir+" is being written by ")
	require.NoError(t, l.Release())
	assert.NoFileExists(t, filepath.Join(dir, lockFile))
	l, err = LockFolder(dir)
	require.NoError(t, err)
	require.NoError(t, l.Release())
	require.NoError(t, (*Lock)(nil).Release())
	_, err = LockFolder(filepath.Join(dir, "none"))
	assert.ErrorContains(t, err, "record: lock: ")
}

// Of many that want it at the same time, and release and remove its file, never two have it.
func TestLockIsOnesAlone(t *testing.T) {
	dir := t.TempDir()
	var inside, most, got atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				l, err := LockFolder(dir)
				if err != nil {
					assert.ErrorIs(t, err, ErrLocked)
					continue
				}
				got.Add(1)
				if n := inside.Add(1); n > 1 {
					most.Store(n)
				}
				runtime.Gosched()
				inside.Add(-1)
				assert.NoError(t, l.Release())
			}
		})
	}
	group.Wait()
	assert.Zero(t, most.Load())
	assert.Positive(t, got.Load())
}

// The lock of a process that was killed is free.
func TestLockEndsWithItsProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "RETRODICT_TEST_LOCK="+dir)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "locked\n", line)
	_, err = LockFolder(dir)
	require.ErrorIs(t, err, ErrLocked)
	if runtime.GOOS != "windows" {
		assert.ErrorContains(t, err, "process "+strconv.Itoa(cmd.Process.Pid))
	}
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	l, err := LockFolder(dir)
	require.NoError(t, err)
	require.NoError(t, l.Release())
}

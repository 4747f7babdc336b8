package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A report is all that was measured.
type report struct {
	machine machine
	rows    []row
	grains  []grain
}

// The tables stand between these lines of the document.
const (
	begin = "<!-- begin: written by make bench-peers -->"
	end   = "<!-- end -->"
)

// write replaces the tables in a document.
func (r *report) write(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(b), begin)
	_, tail, found := strings.Cut(rest, end)
	if !ok || !found {
		return errors.New(path + ": no lines " + begin + " and " + end)
	}
	return os.WriteFile(path, []byte(head+begin+"\n\n"+r.tables()+"\n"+end+tail), 0o644)
}

// tables returns the measured part of the document.
func (r *report) tables() string {
	var b strings.Builder
	m := r.machine
	peer := "PyTorch"
	if len(r.rows) > 0 {
		peer = r.rows[0].Peer
	}
	fmt.Fprintf(&b, "%s, %d cores, %s, %s/%s, %s; %s; load averages %s.\n", m.CPU, m.Cores, m.Go, runtime.GOOS, runtime.GOARCH, peer, m.Date, m.Load)
	fmt.Fprintf(&b, "Software: %s.\n", m.Software)
	fmt.Fprintf(&b, "Measured limits, one core and all: %.0f and %.0f GFLOP/s float32, %.0f and %.0f float64; %.1f and %.1f GB/s.\n\n",
		m.Flops32[0]/1e9, m.Flops32[1]/1e9, m.Flops64[0]/1e9, m.Flops64[1]/1e9, m.Bytes[0]/1e9, m.Bytes[1]/1e9)
	b.WriteString("### Actors with Z-IL against PyTorch's backprop and our own\n\n")
	b.WriteString("| job | type | actors ms | PyTorch ms, 1×1, 1×2, 2×1 | ratio to the best [95 %] | limit | | actors / own bp | limit | | pc / own bp | |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, x := range r.rows {
		fmt.Fprintf(&b, "| %s | %s | %.3g | %s | %s | %.2f | %s | %s | %.2f | %s | %s | %s |\n", x.Job, x.DType, x.Actors, list(x.PeerAll[:min(3, len(x.PeerAll))]),
			x.ToPeer, x.ToPeer.Limit, verdict(x.ToPeer), x.ToOwn, x.ToOwn.Limit, verdict(x.ToOwn), x.PCToOwn, verdict(x.PCToOwn))
	}
	r.unforced(&b)
	r.inference(&b)
	r.floors(&b)
	r.units(&b)
	r.lost(&b)
	return b.String()
}

// String returns "0.51 [0.50, 0.52]".
func (r ratio) String() string { return fmt.Sprintf("%.2f [%.2f, %.2f]", r.Median, r.Low, r.High) }

// list is numbers with three digits, with commas.
func list(ms []float64) string {
	var list []string
	for _, x := range ms {
		list = append(list, fmt.Sprintf("%.3g", x))
	}
	return strings.Join(list, ", ")
}

// unforced compares with PyTorch where OpenBLAS chooses its kernels itself, if the environment does otherwise.
func (r *report) unforced(b *strings.Builder) {
	if len(r.rows) == 0 || r.rows[0].ToFree == nil {
		return
	}
	fmt.Fprintf(b, "\n### The same where OpenBLAS chooses its own kernels\n\nThe environment of this machine sets `%s=%s`, and the table above is PyTorch as it runs here. With that variable taken away,\n", forced[0], os.Getenv(forced[0]))
	b.WriteString("OpenBLAS uses kernels for this processor, which are faster; the results are the same to rounding. In the same turns:\n\n")
	b.WriteString("| job | type | actors ms | PyTorch ms, 1×1, 1×2, 2×1 | ratio to the best [95 %] | limit | |\n|---|---|---|---|---|---|---|\n")
	for _, x := range r.rows {
		fmt.Fprintf(b, "| %s | %s | %.3g | %s | %s | %.2f | %s |\n", x.Job, x.DType, x.Actors, list(x.PeerAll[3:]), *x.ToFree, x.ToFree.Limit, verdict(*x.ToFree))
	}
}

func verdict(r ratio) string { return met(r.Limit, r.holds()) }

func (r *report) inference(b *strings.Builder) {
	b.WriteString("\n### Inference learning, T = 20, against one backprop update on the same cores\n\n| job | type | IL ms | bp ms | ratio [95 %] | limit | |\n|---|---|---|---|---|---|---|\n")
	for _, x := range r.rows {
		if x.ILToOwn != nil {
			fmt.Fprintf(b, "| %s | %s | %.3g | %.3g | %s | 8 | %s |\n", x.Job, x.DType, x.IL, x.Own, *x.ILToOwn, verdict(*x.ILToOwn))
		}
	}
}

// floors compares every job with what the machine can do.
func (r *report) floors(b *strings.Builder) {
	b.WriteString("\n### How far from the machine's limits\n\n")
	b.WriteString("Floors on all cores: floating-point operations of products and convolutions at the measured peak, and bytes (every value and feedback\n")
	b.WriteString("written and read once, every parameter read twice and written once) at the measured rate of memory, which does not bind what stays in the caches.\n\n")
	b.WriteString("| job | type | GFLOP | floor ms | MB | floor ms | own bp ms | of peak |\n|---|---|---|---|---|---|---|---|\n")
	for _, x := range r.rows {
		peak := r.machine.Flops32[1]
		if x.DType == "f64" {
			peak = r.machine.Flops64[1]
		}
		flops := x.Flops / peak * 1e3
		fmt.Fprintf(b, "| %s | %s | %.3g | %.3g | %.3g | %.3g | %.3g | %.0f %% |\n", x.Job, x.DType, x.Flops/1e9, flops, x.Bytes/1e6, x.Bytes/r.machine.Bytes[1]*1e3, x.Own,
			100*flops/x.Own)
	}
}

// lost lists the rows that miss their limits.
func (r *report) lost(b *strings.Builder) {
	b.WriteString("\n### Rows we lose\n\n")
	none := true
	say := func(x row, what string, q ratio) {
		if !q.holds() {
			none = false
			fmt.Fprintf(b, "- %s %s: %s %s, limit %.2f\n", x.Job, x.DType, what, q, q.Limit)
		}
	}
	for _, x := range r.rows {
		say(x, "actors / PyTorch", x.ToPeer)
		if x.ToFree != nil {
			say(x, "actors / PyTorch with OpenBLAS's own choice of kernels", *x.ToFree)
		}
		say(x, "actors / own bp", x.ToOwn)
		say(x, "pc / own bp", x.PCToOwn)
		if x.ILToOwn != nil {
			say(x, "IL / own bp", *x.ILToOwn)
		}
	}
	for _, g := range r.grains {
		if g.Rate.Limit > 0 && !g.fast() {
			none = false
			fmt.Fprintf(b, "- single units, %s: %s million edge messages a second, limit %.0f\n", g.Hosting, g.Rate, g.Rate.Limit)
		}
		if !g.light() {
			none = false
			fmt.Fprintf(b, "- single units, %s: %d bytes, limit %s\n", g.Hosting, g.Bytes, g.bytesLimit())
		}
		if g.Floor.Limit > 0 && !g.Floor.holds() {
			none = false
			fmt.Fprintf(b, "- single units, %s: %s of the floor, limit %.0f\n", g.Hosting, g.Floor, g.Floor.Limit)
		}
	}
	if none {
		b.WriteString("None.\n")
	}
}

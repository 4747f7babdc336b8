package study

import (
	"io"
	"strings"
	"unicode/utf8"
)

// A page writes aligned plain text. The first error is kept.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(parts ...string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(strings.Join(parts, ""), " ")+"\n")
	}
}

// pair writes "  key         text".
func (p *page) pair(key, text string) { p.line("  ", pad(key, 11), text) }

// cell is a column of a table: its heading, its width and on which side it is aligned.
type cell struct {
	name  string
	width int
	left  bool
}

// row writes a row of a table; columns are three spaces apart.
func (p *page) row(cells []cell, values ...string) {
	var b strings.Builder
	for i, c := range cells {
		b.WriteString("   "[:2+min(i, 1)])
		if c.left {
			b.WriteString(pad(values[i], c.width))
		} else {
			b.WriteString(padLeft(values[i], c.width))
		}
	}
	p.line(b.String())
}

// head writes the headings.
func (p *page) head(cells []cell) {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = c.name
	}
	p.row(cells, names...)
}

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

func pad(s string, width int) string { return s + blanks(width-utf8.RuneCountInString(s)) }

func padLeft(s string, width int) string { return blanks(width-utf8.RuneCountInString(s)) + s }

// fit widens the columns to their headings and values.
func fit(cells []cell, rows [][]string) {
	for i := range cells {
		cells[i].width = max(cells[i].width, utf8.RuneCountInString(cells[i].name))
		for _, r := range rows {
			cells[i].width = max(cells[i].width, utf8.RuneCountInString(r[i]))
		}
	}
}

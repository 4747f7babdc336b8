// Package plot draws what package record keeps and what studies measure, as SVG and PNG, each with the table of numbers it
// was drawn from.
//
// A Drawing is plain data; its Figure lays it out. There are Learning, Energy, ErrorMap, Raster, Traces, Curves, Scatter
// and Levels; Run makes those of a run folder. Colours of series are those of Okabe and Ito, colours of quantities run
// from light to dark. A logarithmic axis shows exact zeros apart, because here they mean something. Lines that coincide share
// dashes of their colours, and the figure says so.
//
// The same data give the same bytes. No statistics are made up on the way: a band is named in the subtitle.
package plot

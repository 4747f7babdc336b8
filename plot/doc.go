// Package plot draws what package record keeps, as SVG.
package plot

// Package table writes and reads tidy tables: one observation a row, one variable a column, every column of one type.
// Formats are CSV (RFC 4180, a line of names first), Parquet (Snappy) and JSON Lines.
//
// A Writer never holds a table in memory: CSV and JSON Lines are written as rows come, Parquet in groups of at most 65536
// rows. Until Close the file has the suffix ".part"; then it is synced and renamed, so that a complete name is a complete
// table. The same rows give the same bytes.
//
// Numbers that are not finite are NaN, inf and -inf in CSV, null in JSON Lines, and themselves in Parquet.
//
// What it is not: there are no missing cells, no nested columns, and no times; a table is read whole.
package table

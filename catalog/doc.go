// Package catalog finds, compares, exports and removes the run folders that package record makes.
//
// An Index is a table of the runs under a directory, in an SQLite file beside them. It is a cache: it is brought up to date
// with the folders whenever it is opened, and made anew from them if it is lost or broken. Nothing is in it that is not in
// the folders.
package catalog

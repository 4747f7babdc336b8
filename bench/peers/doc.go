// Command peers measures updates side by side with PyTorch on the same CPU, in turns (A B C A B C …), and prints one JSON
// object a line. With -write it replaces the tables of docs/PERFORMANCE.md.
//
// PyTorch runs at the best of its settings, torch threads × BLAS threads 1×1, 1×2 and 2×1: the one with the lowest median
// of some turns. What is reported are medians of ratios within a turn and their 95 % bootstrap intervals; a limit holds
// when the interval's lower end is below it.
package main

// Package python holds retrodict.py, which reads folders of runs with NumPy alone, and the test that it does.
package python

package op

// quarters reports whether the windows are the 2 × 2 blocks of planes of even sizes, so that every element is in one.
func (w *window) quarters() bool {
	return w.kernel == [3]int{1, 2, 2} && w.stride == [3]int{w.stride[0], 2, 2} && w.dilation == [3]int{w.dilation[0], 1, 1} && w.in[0] == 1 &&
		w.lo == [3]int{} && w.in[1] == 2*w.out[1] && w.in[2] == 2*w.out[2]
}

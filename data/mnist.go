package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FashionMNISTDir is where Debian's package dataset-fashion-mnist puts its files.
const FashionMNISTDir = "/usr/share/datasets/fashion-mnist"

// FashionMNIST reads the 60,000 training and the 10,000 test images of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017) from
// a directory, FashionMNISTDir if it is empty. X is [N, 1, 28, 28] of numbers 0 … 1: 376 MB for the training images.
func FashionMNIST(dir string) (train, test *Set, err error) {
	hint := "give the directory of your copy"
	if dir == "" {
		dir = FashionMNISTDir
		hint = "apt install dataset-fashion-mnist, or " + hint
	}
	return mnist("Fashion-MNIST", dir, hint, []string{"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt",
		"sneaker", "bag", "ankle boot"})
}

// MNIST reads the 60,000 training and the 10,000 test images of handwritten digits (LeCun, Cortes, Burges) from a
// directory. X is [N, 1, 28, 28] of numbers 0 … 1.
func MNIST(dir string) (train, test *Set, err error) {
	return mnist("MNIST", dir, "give the directory of your copy", numbered(10))
}

// mnist reads the four files of a set in MNIST's layout, gzip or plain, named with a hyphen or with a dot.
func mnist(name, dir, hint string, classes []string) (train, test *Set, err error) {
	var paths [4]string
	for i, base := range [...]string{"train-images", "train-labels", "t10k-images", "t10k-labels"} {
		if paths[i], err = findIDX(dir, base, 3-2*(i%2)); err != nil {
			return nil, nil, fmt.Errorf("data: %s: %w: %s", name, err, hint)
		}
	}
	if train, err = LoadIDX(name+" (train)", paths[0], paths[1], classes, Limit{}); err != nil {
		return nil, nil, err
	}
	if test, err = LoadIDX(name+" (test)", paths[2], paths[3], classes, Limit{}); err != nil {
		return nil, nil, err
	}
	if train.Features() != test.Features() {
		return nil, nil, train.errorf("images %v, those of the test %v", train.X.Shape(), test.X.Shape())
	}
	return train, test, nil
}

// findIDX returns the path of the file of that name and rank, in one of the spellings in use.
func findIDX(dir, base string, rank int) (string, error) {
	for _, form := range [...]string{"%s-idx%d-ubyte", "%s-idx%d-ubyte.gz", "%s.idx%d-ubyte", "%s.idx%d-ubyte.gz"} {
		path := filepath.Join(dir, fmt.Sprintf(form, base, rank))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("%w: %s-idx%d-ubyte or %[2]s-idx%[3]d-ubyte.gz in %s", fs.ErrNotExist, base, rank, dir)
}

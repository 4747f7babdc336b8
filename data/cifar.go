package data

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/retrodict/retrodict/tensor"
)

const (
	cifarImage  = 3 * 32 * 32
	cifarRecord = 1 + cifarImage
)

// CIFAR10 reads the 50,000 training and the 10,000 test images of CIFAR-10 (Krizhevsky 2009) from a directory with the
// files of the binary version, data_batch_1.bin … data_batch_5.bin and test_batch.bin. X is [N, 3, 32, 32] of numbers 0
// … 1: 1.2 GB for the training images.
func CIFAR10(dir string) (train, test *Set, err error) {
	var paths []string
	for i := range 5 {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("data_batch_%d.bin", i+1)))
	}
	if train, err = LoadCIFAR10("CIFAR-10 (train)", Limit{}, paths...); err != nil {
		return nil, nil, err
	}
	test, err = LoadCIFAR10("CIFAR-10 (test)", Limit{}, filepath.Join(dir, "test_batch.bin"))
	return train, test, err
}

// LoadCIFAR10 reads files of CIFAR-10's binary layout, gzip or plain, one after the other: records of 3073 bytes, a
// label 0 … 9 and the red, the green and the blue plane of an image of 32×32.
func LoadCIFAR10(name string, lim Limit, paths ...string) (*Set, error) {
	lim = lim.filled()
	s := &Set{Name: name}
	s.Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	var labels []int64
	var images []byte
	for _, path := range paths {
		err := withFile(path, func(r io.Reader) (err error) {
			labels, images, err = readCIFAR(r, lim, labels, images)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	s.X = pixels(images, tensor.Dims(len(labels), 3, 32, 32))
	s.Y = tensor.New(tensor.Int64, tensor.Dims(len(labels)))
	copy(s.Y.Int64s(), labels)
	return s, nil
}

// readCIFAR appends the labels and the images of a file.
func readCIFAR(r io.Reader, lim Limit, labels []int64, images []byte) ([]int64, []byte, error) {
	var record [cifarRecord]byte
	for i := 0; ; i++ {
		n, err := io.ReadFull(r, record[:])
		if err == io.EOF {
			return labels, images, nil
		}
		at := int64(i) * cifarRecord
		switch {
		case err == io.ErrUnexpectedEOF:
			return nil, nil, fmt.Errorf("offset %d: the file ends in a record, after %d of %d bytes", at+int64(n), n, cifarRecord)
		case err != nil:
			return nil, nil, fmt.Errorf("offset %d: %w", at+int64(n), err)
		case record[0] > 9:
			return nil, nil, fmt.Errorf("offset %d: record %d: label %d is outside [0, 10)", at, i, record[0])
		case int64(len(images))+cifarImage > lim.Elements:
			return nil, nil, fmt.Errorf("offset %d: record %d: more than %d elements", at, i, lim.Elements)
		}
		labels, images = append(labels, int64(record[0])), append(images, record[1:]...)
	}
}

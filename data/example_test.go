package data_test

import (
	"fmt"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/tensor"
)

func Example() {
	digits, err := data.Digits()
	if err != nil {
		panic(err)
	}
	train, test, err := digits.Split(0.2, 1)
	if err != nil {
		panic(err)
	}
	l, err := data.NewLoader(train, data.Batches{Size: 20, Type: tensor.Float32, OneHot: true})
	if err != nil {
		panic(err)
	}
	for b := range l.Train(1, 0) { // seed, epoch
		fmt.Println(b.X.Shape(), b.Y.Shape(), l.Steps(), test.Len())
		break
	}
	// Output: [20 64] [20 10] 71 359
}

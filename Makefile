# retrodict: `make run` and `make test` need nothing but Go.
GO ?= go
export CGO_ENABLED ?= 0
TAGS ?= noopenblas
PACKAGES = ./...
RACE = ./tensor/... ./neuron ./bp ./pc ./sim ./actors ./train ./record ./study
CORE = ./tensor,./op,./graph,./synapse,./neuron,./engine,./bp,./pc
CORE_TESTS = ./tensor/... ./op/... ./graph ./synapse ./neuron ./engine/... ./bp ./pc

.PHONY: help build run test race kills lint bench cover generate regenerate arm64 torch-parity bench-peers

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/retrodict (TAGS= for one that can load OpenBLAS, and then needs the C library)
	$(GO) build -tags "$(TAGS)" -o bin/retrodict ./cmd/retrodict

run: build ## train on handwritten digits, every neuron an actor, bit for bit like backprop
	./bin/retrodict run

test: ## run all tests; those of the generator of assembly, which is a module of its own, if that can be downloaded
	$(GO) test $(PACKAGES)
	@if (cd tensor/gen && $(GO) mod download) >/dev/null 2>&1; then $(GO) test -C tensor/gen .; else echo "skipped: tensor/gen, whose modules cannot be downloaded"; fi

race: ## run the tests of everything concurrent under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 60m $(RACE)

kills: ## kill -9 runs and studies of every kind at 20 random moments each: resumed, they must end with the undisturbed hash
	RETRODICT_KILLS=20 $(GO) test ./cmd/retrodict -run 'Killed.*GoOn' -v -count=1

lint: ## gofmt, go vet, staticcheck
	@out=$$(gofmt -s -l $$(git ls-files '*.go')); test -z "$$out" || { echo "gofmt -s: $$out"; exit 1; }
	$(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $(PACKAGES)

# Measurements run in the real-time class if we may, so that other processes take no part; all sides do.
ALONE ?= $(shell chrt -r 10 true 2>/dev/null && echo chrt -r 10)

bench: build ## what an update costs: backprop, synchronous engine and actors in turns
	$(ALONE) ./bin/retrodict bench --dtype f32,f64

bench-peers: ## updates side by side with PyTorch, into docs/PERFORMANCE.md (skips without torch; ten minutes)
	$(GO) build -tags "$(TAGS)" -o bin/peers ./bench/peers
	$(ALONE) ./bin/peers -write docs/PERFORMANCE.md

torch-parity: build ## gradients of models exported by PyTorch against its autograd (skips without torch)
	./experiments/torch-parity/run.sh

generate: ## check that the generated assembly is what its generator writes
	$(GO) test -C tensor/gen .

regenerate: ## write the assembly anew
	$(GO) generate ./tensor/internal/kernel

arm64: ## the same bits on arm64, under an emulator (skips without qemu-user)
	./scripts/arm64.sh

cover: ## statement coverage of the core packages
	$(GO) test -coverprofile=coverage.out -coverpkg=$(CORE) $(CORE_TESTS) >/dev/null
	@$(GO) tool cover -func=coverage.out | tail -1

package main

type verifyCommand struct{}

func (c *verifyCommand) Run(t *terminal) error { return nil }

type graphCommand struct{}

func (c *graphCommand) Run(t *terminal) error { return nil }

type sizeCommand struct{}

func (c *sizeCommand) Run(t *terminal) error { return nil }

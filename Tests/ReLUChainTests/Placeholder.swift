// Tests of the chain.

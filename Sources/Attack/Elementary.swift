import Glibc

func exponential(_ x: Float) -> Float { expf(x) }

/// `base` to the power of `exponent`, for a positive base.
func power(_ base: Float, _ exponent: Float) -> Float { powf(base, exponent) }

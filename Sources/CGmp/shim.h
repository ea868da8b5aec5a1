#include <gmp.h>

/* GMP's functions are macros of their names, which Swift does not see. */
static inline void whole_init(mpz_ptr x) { mpz_init(x); }
static inline void whole_clear(mpz_ptr x) { mpz_clear(x); }
static inline void whole_set(mpz_ptr x, long value) { mpz_set_si(x, value); }
static inline void whole_read(mpz_ptr x, const unsigned long *words, size_t count) {
  mpz_import(x, count, -1, sizeof *words, 0, 0, words);
}
static inline void whole_negate(mpz_ptr x, mpz_srcptr a) { mpz_neg(x, a); }
static inline void whole_add(mpz_ptr x, mpz_srcptr a, mpz_srcptr b) { mpz_add(x, a, b); }
static inline void whole_multiply(mpz_ptr x, mpz_srcptr a, mpz_srcptr b) { mpz_mul(x, a, b); }
static inline void whole_add_product(mpz_ptr x, mpz_srcptr a, mpz_srcptr b) {
  mpz_addmul(x, a, b);
}
static inline void whole_divide_exactly(mpz_ptr x, mpz_srcptr a, mpz_srcptr b) {
  mpz_divexact(x, a, b);
}
static inline void whole_common_divisor(mpz_ptr x, mpz_srcptr a, mpz_srcptr b) {
  mpz_gcd(x, a, b);
}
/* Rounded up. */
static inline void whole_divide_up(mpz_ptr x, mpz_srcptr a, mpz_srcptr b) {
  mpz_cdiv_q(x, a, b);
}
static inline void whole_shift_left(mpz_ptr x, mpz_srcptr a, unsigned long bits) {
  mpz_mul_2exp(x, a, bits);
}
/* Rounded down. */
static inline void whole_root(mpz_ptr x, mpz_srcptr a) { mpz_sqrt(x, a); }
static inline int whole_sign(mpz_srcptr a) { return mpz_sgn(a); }
static inline int whole_compare(mpz_srcptr a, mpz_srcptr b) { return mpz_cmp(a, b); }
/* The value is the result times 2^exponent, rounded toward 0. */
static inline double whole_significand(mpz_srcptr a, long *exponent) {
  return mpz_get_d_2exp(exponent, a);
}

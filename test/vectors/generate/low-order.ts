// Points of small order: with one as the ephemeral key, X25519 gives an all-zero secret for every private key.

/** The points of Curve25519 whose order divides 8, with the encodings that are not reduced. */
export const LOW_ORDER: readonly (readonly [name: string, hex: string])[] = [
  ['0', '0000000000000000000000000000000000000000000000000000000000000000'],
  ['1', '0100000000000000000000000000000000000000000000000000000000000000'],
  ['order-8-a', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ['order-8-b', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
  ['p-minus-1', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['p-plus-1', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
];

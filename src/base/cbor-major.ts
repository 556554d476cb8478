/** The major types of CBOR (RFC 8949 section 3.1) that have an argument or content; type 7 is simple values and floats. */
export const enum Major {
  Unsigned,
  Negative,
  Bytes,
  Text,
  Array,
  Map,
  Tag,
}

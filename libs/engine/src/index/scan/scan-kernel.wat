;; The loops of the flat tier that read every row, for 128-bit SIMD.
;;
;; K1  Sums of products of codes never overflow: whoever makes the codes sees to it that the lengths of a row of codes
;;     and of the query's codes, multiplied, stay below 2^31. By Cauchy-Schwarz that bounds every partial sum too.
;; K2  `dot` adds in one order on every machine: four lanes in double precision, (0 + 1) + (2 + 3) at the end.
;;
;; Addresses are in bytes. Rows of codes are multiples of 32 bytes, rows of floats multiples of 16; what is beyond the
;; dimension is zero.
(module
  (import "scan" "memory" (memory 1))

  ;; Compares rows of 8-bit codes with a query of 16-bit codes. A row's bound is
  ;;   (sum of the products of the codes) * scale * unit + slack
  ;; in single precision; of each row whose bound is at least `threshold`, its number and its bound are written to
  ;; `out`, 8 bytes, in the order of the list.
  ;;
  ;; `list`: numbers of `count` rows, and of three more that are read but not reported; `scales` and `slacks`: one
  ;; float for each row of the block. Gives the address behind the last byte written.
  (func (export "scan")
    (param $list i32) (param $count i32) (param $codes i32) (param $stride i32) (param $scales i32) (param $slacks i32)
    (param $query i32) (param $unit f32) (param $threshold f32) (param $out i32)
    (result i32)
    (local $listEnd i32) (local $queryAt i32) (local $queryEnd i32) (local $mask i32)
    (local $row0 i32) (local $row1 i32) (local $row2 i32) (local $row3 i32)
    (local $at0 i32) (local $at1 i32) (local $at2 i32) (local $at3 i32)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $part v128) (local $bounds v128) (local $floor v128) (local $units v128)
    (if (i32.le_s (local.get $count) (i32.const 0)) (then (return (local.get $out))))
    (local.set $listEnd (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $queryEnd (i32.add (local.get $query) (i32.shl (local.get $stride) (i32.const 1))))
    (local.set $floor (f32x4.splat (local.get $threshold)))
    (local.set $units (f32x4.splat (local.get $unit)))
    (loop $quads
      (local.set $row0 (i32.load (local.get $list)))
      (local.set $row1 (i32.load offset=4 (local.get $list)))
      (local.set $row2 (i32.load offset=8 (local.get $list)))
      (local.set $row3 (i32.load offset=12 (local.get $list)))
      (local.set $at0 (i32.add (local.get $codes) (i32.mul (local.get $row0) (local.get $stride))))
      (local.set $at1 (i32.add (local.get $codes) (i32.mul (local.get $row1) (local.get $stride))))
      (local.set $at2 (i32.add (local.get $codes) (i32.mul (local.get $row2) (local.get $stride))))
      (local.set $at3 (i32.add (local.get $codes) (i32.mul (local.get $row3) (local.get $stride))))
      (local.set $sum0 (v128.const i32x4 0 0 0 0))
      (local.set $sum1 (v128.const i32x4 0 0 0 0))
      (local.set $sum2 (v128.const i32x4 0 0 0 0))
      (local.set $sum3 (v128.const i32x4 0 0 0 0))
      (local.set $queryAt (local.get $query))
      (loop $codes32
        (local.set $part (v128.load (local.get $queryAt)))
        (local.set $sum0 (i32x4.add (local.get $sum0)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s (local.get $at0)))))
        (local.set $sum1 (i32x4.add (local.get $sum1)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s (local.get $at1)))))
        (local.set $sum2 (i32x4.add (local.get $sum2)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s (local.get $at2)))))
        (local.set $sum3 (i32x4.add (local.get $sum3)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s (local.get $at3)))))
        (local.set $part (v128.load offset=16 (local.get $queryAt)))
        (local.set $sum0 (i32x4.add (local.get $sum0)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=8 (local.get $at0)))))
        (local.set $sum1 (i32x4.add (local.get $sum1)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=8 (local.get $at1)))))
        (local.set $sum2 (i32x4.add (local.get $sum2)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=8 (local.get $at2)))))
        (local.set $sum3 (i32x4.add (local.get $sum3)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=8 (local.get $at3)))))
        (local.set $part (v128.load offset=32 (local.get $queryAt)))
        (local.set $sum0 (i32x4.add (local.get $sum0)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=16 (local.get $at0)))))
        (local.set $sum1 (i32x4.add (local.get $sum1)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=16 (local.get $at1)))))
        (local.set $sum2 (i32x4.add (local.get $sum2)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=16 (local.get $at2)))))
        (local.set $sum3 (i32x4.add (local.get $sum3)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=16 (local.get $at3)))))
        (local.set $part (v128.load offset=48 (local.get $queryAt)))
        (local.set $sum0 (i32x4.add (local.get $sum0)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=24 (local.get $at0)))))
        (local.set $sum1 (i32x4.add (local.get $sum1)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=24 (local.get $at1)))))
        (local.set $sum2 (i32x4.add (local.get $sum2)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=24 (local.get $at2)))))
        (local.set $sum3 (i32x4.add (local.get $sum3)
          (i32x4.dot_i16x8_s (local.get $part) (v128.load8x8_s offset=24 (local.get $at3)))))
        (local.set $at0 (i32.add (local.get $at0) (i32.const 32)))
        (local.set $at1 (i32.add (local.get $at1) (i32.const 32)))
        (local.set $at2 (i32.add (local.get $at2) (i32.const 32)))
        (local.set $at3 (i32.add (local.get $at3) (i32.const 32)))
        (local.set $queryAt (i32.add (local.get $queryAt) (i32.const 64)))
        (br_if $codes32 (i32.lt_u (local.get $queryAt) (local.get $queryEnd))))
      ;; The lanes of each sum, added up: four sums in one vector.
      (local.set $part (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 8 9 10 11 24 25 26 27 (local.get $sum0) (local.get $sum1))
        (i8x16.shuffle 4 5 6 7 20 21 22 23 12 13 14 15 28 29 30 31 (local.get $sum0) (local.get $sum1))))
      (local.set $sum0 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 8 9 10 11 24 25 26 27 (local.get $sum2) (local.get $sum3))
        (i8x16.shuffle 4 5 6 7 20 21 22 23 12 13 14 15 28 29 30 31 (local.get $sum2) (local.get $sum3))))
      (local.set $part (i32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $part) (local.get $sum0))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $part) (local.get $sum0))))
      (local.set $row0 (i32.shl (local.get $row0) (i32.const 2)))
      (local.set $row1 (i32.shl (local.get $row1) (i32.const 2)))
      (local.set $row2 (i32.shl (local.get $row2) (i32.const 2)))
      (local.set $row3 (i32.shl (local.get $row3) (i32.const 2)))
      (local.set $bounds (v128.load32_zero (i32.add (local.get $scales) (local.get $row0))))
      (local.set $bounds (v128.load32_lane 1 (i32.add (local.get $scales) (local.get $row1)) (local.get $bounds)))
      (local.set $bounds (v128.load32_lane 2 (i32.add (local.get $scales) (local.get $row2)) (local.get $bounds)))
      (local.set $bounds (v128.load32_lane 3 (i32.add (local.get $scales) (local.get $row3)) (local.get $bounds)))
      (local.set $bounds (f32x4.mul
        (f32x4.mul (f32x4.convert_i32x4_s (local.get $part)) (local.get $bounds))
        (local.get $units)))
      (local.set $part (v128.load32_zero (i32.add (local.get $slacks) (local.get $row0))))
      (local.set $part (v128.load32_lane 1 (i32.add (local.get $slacks) (local.get $row1)) (local.get $part)))
      (local.set $part (v128.load32_lane 2 (i32.add (local.get $slacks) (local.get $row2)) (local.get $part)))
      (local.set $part (v128.load32_lane 3 (i32.add (local.get $slacks) (local.get $row3)) (local.get $part)))
      (local.set $bounds (f32x4.add (local.get $bounds) (local.get $part)))
      (local.set $mask (i32x4.bitmask (f32x4.ge (local.get $bounds) (local.get $floor))))
      (if (local.get $mask) (then
        ;; The last rows of the list may be fewer than four.
        (if (i32.lt_u (i32.sub (local.get $listEnd) (local.get $list)) (i32.const 16)) (then
          (local.set $mask (i32.and (local.get $mask) (i32.sub
            (i32.shl (i32.const 1) (i32.shr_u (i32.sub (local.get $listEnd) (local.get $list)) (i32.const 2)))
            (i32.const 1))))))
        (if (i32.eq (local.get $mask) (i32.const 15)) (then
          ;; All of them, as where nothing is ruled out by similarity.
          (local.set $part (v128.load (local.get $list)))
          (v128.store (local.get $out)
            (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $part) (local.get $bounds)))
          (v128.store offset=16 (local.get $out)
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $part) (local.get $bounds)))
          (local.set $out (i32.add (local.get $out) (i32.const 32))))
        (else
          (if (i32.and (local.get $mask) (i32.const 1)) (then
            (i32.store (local.get $out) (i32.load (local.get $list)))
            (f32.store offset=4 (local.get $out) (f32x4.extract_lane 0 (local.get $bounds)))
            (local.set $out (i32.add (local.get $out) (i32.const 8)))))
          (if (i32.and (local.get $mask) (i32.const 2)) (then
            (i32.store (local.get $out) (i32.load offset=4 (local.get $list)))
            (f32.store offset=4 (local.get $out) (f32x4.extract_lane 1 (local.get $bounds)))
            (local.set $out (i32.add (local.get $out) (i32.const 8)))))
          (if (i32.and (local.get $mask) (i32.const 4)) (then
            (i32.store (local.get $out) (i32.load offset=8 (local.get $list)))
            (f32.store offset=4 (local.get $out) (f32x4.extract_lane 2 (local.get $bounds)))
            (local.set $out (i32.add (local.get $out) (i32.const 8)))))
          (if (i32.and (local.get $mask) (i32.const 8)) (then
            (i32.store (local.get $out) (i32.load offset=12 (local.get $list)))
            (f32.store offset=4 (local.get $out) (f32x4.extract_lane 3 (local.get $bounds)))
            (local.set $out (i32.add (local.get $out) (i32.const 8)))))
        ))
      ))
      (local.set $list (i32.add (local.get $list) (i32.const 16)))
      (br_if $quads (i32.lt_u (local.get $list) (local.get $listEnd))))
    (local.get $out))

  ;; The dot product of two rows of floats of `size` bytes, in double precision (K2).
  (func (export "dot") (param $left i32) (param $right i32) (param $size i32) (result f64)
    (local $end i32) (local $l v128) (local $r v128) (local $low v128) (local $high v128)
    (local.set $end (i32.add (local.get $left) (local.get $size)))
    (loop $floats4
      (local.set $l (v128.load (local.get $left)))
      (local.set $r (v128.load (local.get $right)))
      (local.set $low (f64x2.add (local.get $low)
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $l)) (f64x2.promote_low_f32x4 (local.get $r)))))
      (local.set $high (f64x2.add (local.get $high) (f64x2.mul
        (f64x2.promote_low_f32x4
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $l) (local.get $l)))
        (f64x2.promote_low_f32x4
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $r) (local.get $r))))))
      (local.set $left (i32.add (local.get $left) (i32.const 16)))
      (local.set $right (i32.add (local.get $right) (i32.const 16)))
      (br_if $floats4 (i32.lt_u (local.get $left) (local.get $end))))
    (f64.add
      (f64.add (f64x2.extract_lane 0 (local.get $low)) (f64x2.extract_lane 1 (local.get $low)))
      (f64.add (f64x2.extract_lane 0 (local.get $high)) (f64x2.extract_lane 1 (local.get $high)))))

  ;; The largest magnitude in a row of floats of `size` bytes.
  (func (export "peak") (param $at i32) (param $size i32) (result f32)
    (local $end i32) (local $most v128)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (loop $floats4
      (local.set $most (f32x4.max (local.get $most) (f32x4.abs (v128.load (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $floats4 (i32.lt_u (local.get $at) (local.get $end))))
    (f32.max
      (f32.max (f32x4.extract_lane 0 (local.get $most)) (f32x4.extract_lane 1 (local.get $most)))
      (f32.max (f32x4.extract_lane 2 (local.get $most)) (f32x4.extract_lane 3 (local.get $most)))))

  ;; Writes the 8-bit codes of a row of floats of `size` bytes: each float times `factor`, rounded, which the caller
  ;; knows to lie in -127..127. Gives the sum of the squares of what rounding changed.
  (func (export "encode") (param $at i32) (param $size i32) (param $factor f64) (param $codes i32) (result f64)
    (local $end i32) (local $factors v128) (local $low v128) (local $high v128)
    (local $lowCode v128) (local $highCode v128) (local $lowSum v128) (local $highSum v128)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (local.set $factors (f64x2.splat (local.get $factor)))
    (loop $floats4
      (local.set $low (f64x2.mul (local.get $factors)
        (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $at)))))
      (local.set $high (f64x2.mul (local.get $factors)
        (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $at)))))
      (local.set $lowCode (f64x2.nearest (local.get $low)))
      (local.set $highCode (f64x2.nearest (local.get $high)))
      (local.set $low (f64x2.sub (local.get $low) (local.get $lowCode)))
      (local.set $high (f64x2.sub (local.get $high) (local.get $highCode)))
      (local.set $lowSum (f64x2.add (local.get $lowSum) (f64x2.mul (local.get $low) (local.get $low))))
      (local.set $highSum (f64x2.add (local.get $highSum) (f64x2.mul (local.get $high) (local.get $high))))
      (local.set $lowCode (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
        (i32x4.trunc_sat_f64x2_s_zero (local.get $lowCode))
        (i32x4.trunc_sat_f64x2_s_zero (local.get $highCode))))
      (local.set $lowCode (i16x8.narrow_i32x4_s (local.get $lowCode) (local.get $lowCode)))
      (v128.store32_lane 0 (local.get $codes) (i8x16.narrow_i16x8_s (local.get $lowCode) (local.get $lowCode)))
      (local.set $codes (i32.add (local.get $codes) (i32.const 4)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $floats4 (i32.lt_u (local.get $at) (local.get $end))))
    (f64.add
      (f64.add (f64x2.extract_lane 0 (local.get $lowSum)) (f64x2.extract_lane 1 (local.get $lowSum)))
      (f64.add (f64x2.extract_lane 0 (local.get $highSum)) (f64x2.extract_lane 1 (local.get $highSum))))))

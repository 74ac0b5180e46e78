;; Makes the engine's wasm of its text, which pack.mjs writes and describes. Runs once for a page, before the engine is compiled.
;; JavaScript writes the text at 0, in UTF-8; the bytes begin at 0x20000; this returns where they end.
(module
  (memory (export "memory") 5)
  ;; Where streams are read, in 32 bits each: that of operations at 0x40100, and four bytes after it each of the others.
  (global $end (mut i32) (i32.const 0x20000))
  ;; For each operation the stream that its operand is in; 0 for none. `STREAMS` of pack.mjs.
  (data (i32.const 0x4000c)
    "\04\04\00\00\08\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0c\0c\0c\10\10\00\00\00"
    "\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\00\00\18\1c")

  ;; The next byte of a stream: a character of one or two bytes, less 33.
  (func $next (param $stream i32) (result i32)
    (local $at i32)
    (local $code i32)
    (local.set $at (i32.load offset=0x40100 (local.get $stream)))
    (local.set $code (i32.load8_u (local.get $at)))
    (if (i32.gt_u (local.get $code) (i32.const 127))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $code
          (i32.add
            (i32.shl (local.get $code) (i32.const 6))
            (i32.sub (i32.load8_u (local.get $at)) (i32.const 128))))))
    (i32.store offset=0x40100 (local.get $stream) (i32.add (local.get $at) (i32.const 1)))
    (i32.and (i32.sub (local.get $code) (i32.const 33)) (i32.const 255)))

  (func $put (param $byte i32)
    (i32.store8 (global.get $end) (local.get $byte))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))

  (func (export "unpack") (result i32)
    (local $op i32)
    (local $stream i32)
    (local $at i32)
    ;; How long each stream is, in UTF-8; the lengths themselves count as the head of the first.
    (loop $lengths
      (local.set $at
        (i32.add (local.get $at)
          (i32.add (call $next (i32.const 0)) (i32.shl (call $next (i32.const 0)) (i32.const 8)))))
      (local.set $stream (i32.add (local.get $stream) (i32.const 4)))
      (i32.store offset=0x40100 (local.get $stream) (local.get $at))
      (br_if $lengths (i32.lt_u (local.get $stream) (i32.const 32))))
    (loop $operations
      (local.set $op (call $next (i32.const 0)))
      (if (i32.gt_u (local.get $op) (i32.const 0xe0))
        (then
          ;; So many bytes more than 0xe0 of the last stream, as they are.
          (loop $run
            (call $put (call $next (i32.const 32)))
            (local.set $op (i32.sub (local.get $op) (i32.const 1)))
            (br_if $run (i32.gt_u (local.get $op) (i32.const 0xe0))))
          (br $operations)))
      (if (i32.lt_u (local.get $op) (i32.const 0xe0))
        (then
          (call $put (local.get $op))
          (local.set $stream (i32.load8_u offset=0x40000 (local.get $op)))
          (if (local.get $stream)
            (then
              ;; Addresses come behind an alignment, which is 0.
              (if (i32.eq (local.get $stream) (i32.const 0x14)) (then (call $put (i32.const 0))))
              (loop $operand
                (local.set $op (call $next (local.get $stream)))
                (call $put (local.get $op))
                (br_if $operand (i32.gt_u (local.get $op) (i32.const 127))))))
          (br $operations))))
    (global.get $end)))

;; Makes the engine's wasm of its text, which pack.mjs writes and describes. Runs once for a page, before the engine is compiled.
;; JavaScript writes the text at 0, in UTF-8; the bytes begin at 0x20000; this returns where they end. One loop without calls: whoever runs it
;; has it compiled without optimisation.
(module
  (memory (export "memory") 5)
  ;; For each operation the stream that its operand is in, as four times its number; 0 for none. `STREAMS` of pack.mjs.
  (data (i32.const 0x4000c)
    "\04\04\00\00\08\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0c\0c\0c\10\10\00\00\00"
    "\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\14\00\00\18\1c")
  ;; Where each stream is read next, in 32 bits: wasm-texts.mjs writes where each begins.
  (data (i32.const 0x3ff80) "STARTS")
  (func (export "unpack") (result i32)
    (local $end i32)
    (local $stream i32)
    (local $at i32)
    (local $byte i32)
    ;; How many bytes of a run are left; below 0 for an operand, which ends by itself.
    (local $left i32)
    (local.set $end (i32.const 0x20000))
    (loop $bytes
      ;; The next byte of a stream: a character of one or two bytes, less 33.
      (local.set $at (i32.load offset=0x3ff80 (local.get $stream)))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.gt_u (local.get $byte) (i32.const 127))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $byte
            (i32.add
              (i32.shl (local.get $byte) (i32.const 6))
              (i32.sub (i32.load8_u (local.get $at)) (i32.const 128))))))
      (i32.store offset=0x3ff80 (local.get $stream) (i32.add (local.get $at) (i32.const 1)))
      (local.set $byte (i32.and (i32.sub (local.get $byte) (i32.const 33)) (i32.const 255)))
      (if (i32.or (local.get $stream) (i32.lt_u (local.get $byte) (i32.const 0xe0)))
        (then
          (i32.store8 (local.get $end) (local.get $byte))
          (local.set $end (i32.add (local.get $end) (i32.const 1)))
          (if (local.get $stream)
            (then
              ;; Operations follow the last byte of an operand or a run.
              (local.set $left (i32.sub (local.get $left) (i32.const 1)))
              (local.set $stream
                (select (local.get $stream) (i32.const 0)
                  (select
                    (i32.gt_u (local.get $byte) (i32.const 127))
                    (local.get $left)
                    (i32.lt_s (local.get $left) (i32.const 0))))))
            (else
              (local.set $stream (i32.load8_u offset=0x40000 (local.get $byte)))
              (local.set $left (i32.const 0))
              ;; Addresses come behind an alignment, which is 0, as memory is.
              (local.set $end (i32.add (local.get $end) (i32.eq (local.get $stream) (i32.const 0x14))))))
          (br $bytes)))
      ;; So many bytes more than 0xe0 of the last stream, as they are; none is the end.
      (local.set $stream (i32.const 32))
      (local.set $left (i32.sub (local.get $byte) (i32.const 0xe0)))
      (br_if $bytes (local.get $left)))
    (local.get $end)))

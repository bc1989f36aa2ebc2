//! As much of ONNX as the base model needs: named tensors, and the products of matrices in their order.
//!
//! ONNX is protocol buffers: a message is a run of fields, each a key (number and wire type) and a value.

use std::collections::HashMap;

use super::error::EncoderError;

const VARINT: u64 = 0;
const EIGHT_BYTES: u64 = 1;
const LENGTH: u64 = 2;
const FOUR_BYTES: u64 = 5;

/// A tensor's numbers, as they are stored.
#[derive(Default)]
pub(super) struct Tensor<'a> {
    raw: &'a [u8],
    floats: Vec<f32>,
    integers: Vec<u64>,
}

impl<'a> Tensor<'a> {
    /// Bytes, for tensors of bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// Single-precision numbers.
    pub(super) fn floats(&self) -> Vec<f32> {
        match self.raw.is_empty() {
            true => self.floats.clone(),
            false => super::installed::floats(self.raw),
        }
    }

    /// A small whole number, for tensors of one.
    pub(super) fn byte(&self) -> Option<u8> {
        self.raw
            .first()
            .copied()
            .or_else(|| self.integers.first().and_then(|value| u8::try_from(*value).ok()))
    }
}

/// What of a model is used.
pub(super) struct Graph<'a> {
    /// Tensors by name.
    pub(super) tensors: HashMap<&'a str, Tensor<'a>>,
    /// The names that each 4-bit product multiplies: input, levels, scales.
    pub(super) products: Vec<Vec<&'a str>>,
}

/// Reads a model.
pub(super) fn read(model: &[u8]) -> Result<Graph<'_>, EncoderError> {
    let mut graph = Graph { tensors: HashMap::new(), products: Vec::new() };
    for (number, value) in fields(model)? {
        if let (7, Value::Bytes(body)) = (number, value) {
            for (number, value) in fields(body)? {
                match (number, value) {
                    (1, Value::Bytes(node)) => graph.products.extend(product(node)?),
                    (5, Value::Bytes(body)) => {
                        let (name, tensor) = tensor(body)?;
                        graph.tensors.insert(name, tensor);
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(graph)
}

/// The inputs of a node, if it is a 4-bit product.
fn product(node: &[u8]) -> Result<Option<Vec<&str>>, EncoderError> {
    let (mut inputs, mut is_product) = (Vec::new(), false);
    for (number, value) in fields(node)? {
        match (number, value) {
            (1, Value::Bytes(name)) => inputs.push(text(name)?),
            (4, Value::Bytes(kind)) => is_product = kind == b"MatMulNBits",
            _ => {}
        }
    }
    Ok(is_product.then_some(inputs))
}

fn tensor(body: &[u8]) -> Result<(&str, Tensor<'_>), EncoderError> {
    let (mut name, mut tensor) = ("", Tensor::default());
    for (number, value) in fields(body)? {
        match (number, value) {
            (8, Value::Bytes(bytes)) => name = text(bytes)?,
            (9, Value::Bytes(bytes)) => tensor.raw = bytes,
            (4, Value::Bytes(bytes)) => tensor.floats.extend(super::installed::floats(bytes)),
            (4, Value::Float(value)) => tensor.floats.push(value),
            (5, Value::Integer(value)) => tensor.integers.push(value),
            (5, Value::Bytes(mut bytes)) => {
                while !bytes.is_empty() {
                    tensor.integers.push(varint(&mut bytes)?);
                }
            }
            _ => {}
        }
    }
    Ok((name, tensor))
}

/// A field's value.
enum Value<'a> {
    Integer(u64),
    Float(f32),
    Bytes(&'a [u8]),
}

/// The fields of a message, with their numbers.
fn fields(mut message: &[u8]) -> Result<Vec<(u64, Value<'_>)>, EncoderError> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message)?;
        let value = match key & 7 {
            VARINT => Value::Integer(varint(&mut message)?),
            EIGHT_BYTES => Value::Bytes(take(&mut message, 8)?),
            LENGTH => {
                let length = usize::try_from(varint(&mut message)?).map_err(|_| damaged())?;
                Value::Bytes(take(&mut message, length)?)
            }
            FOUR_BYTES => {
                let bytes = take(&mut message, 4)?.try_into().map_err(|_| damaged())?;
                Value::Float(f32::from_le_bytes(bytes))
            }
            _ => return Err(damaged()),
        };
        found.push((key >> 3, value));
    }
    Ok(found)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, EncoderError> {
    let mut value = 0;
    for place in 0..10 {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(damaged())
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], EncoderError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    Ok(taken)
}

fn text(bytes: &[u8]) -> Result<&str, EncoderError> {
    std::str::from_utf8(bytes).map_err(|_| damaged())
}

fn damaged() -> EncoderError {
    EncoderError::base("graph")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tensor_is_read_whether_raw_or_not() {
        // graph { initializer { name: "a" float_data: 1.5 } initializer { name: "b" raw_data: 2 bytes } }
        let model = [58, 19, 42, 9, 66, 1, b'a', 34, 4, 0, 0, 0xc0, 0x3f, 42, 6, 66, 1, b'b', 74, 1, 7];
        let graph = read(&model).unwrap();
        assert_eq!(graph.tensors["a"].floats(), [1.5]);
        assert_eq!((graph.tensors["b"].bytes(), graph.tensors["b"].byte()), (&[7_u8][..], Some(7)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}

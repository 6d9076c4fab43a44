//! The stack machine of pickles: its objects, its stack and its memo.

use std::collections::HashMap;

use super::object::{Id, Object};

/// State of the machine, and the bytes of the instructions ahead.
#[derive(Default)]
pub(super) struct Machine<'a> {
    pub rest: &'a [u8],
    pub objects: Vec<Object>,
    pub stack: Vec<Id>,
    /// Lengths of the stack at which items of a tuple, a list or a dictionary begin.
    pub marks: Vec<usize>,
    pub memo: HashMap<u32, Id>,
    pub root: Option<Id>,
}

/// The instructions contradict each other, as no program that writes pickles lets them.
pub(super) fn damaged() -> String {
    "its `data.pkl` is damaged; copy or save it again".to_string()
}

impl<'a> Machine<'a> {
    pub fn push(&mut self, object: Object) {
        self.stack.push(self.objects.len());
        self.objects.push(object);
    }

    pub fn pop(&mut self) -> Result<Id, String> {
        self.stack.pop().ok_or_else(damaged)
    }

    pub fn pop_pair(&mut self) -> Result<[Id; 2], String> {
        let last = self.pop()?;
        Ok([self.pop()?, last])
    }

    pub fn pop_several(&mut self, count: usize) -> Result<Vec<Id>, String> {
        let at = self.stack.len().checked_sub(count).ok_or_else(damaged)?;
        Ok(self.stack.split_off(at))
    }

    pub fn above_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len());
        Ok(self.stack.split_off(mark.ok_or_else(damaged)?))
    }

    pub fn top_mut(&mut self) -> Result<&mut Object, String> {
        let top = *self.stack.last().ok_or_else(damaged)?;
        self.objects.get_mut(top).ok_or_else(damaged)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.try_into().map_err(|_| damaged())
    }

    pub fn text(&mut self, length: usize) -> Result<&'a str, String> {
        std::str::from_utf8(self.take(length)?).map_err(|_| damaged())
    }

    pub fn line(&mut self) -> Result<&'a str, String> {
        let length = self.rest.iter().position(|&byte| byte == b'\n').ok_or_else(damaged)?;
        let line = self.text(length)?;
        self.take(1)?;
        Ok(line)
    }

    pub fn memo_number(&mut self, is_short: bool) -> Result<u32, String> {
        if is_short {
            let [byte] = self.bytes()?;
            return Ok(byte.into());
        }
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    /// An integer of up to 255 bytes; those of more than 8 are of no use here.
    pub fn long(&mut self) -> Result<(), String> {
        let [length] = self.bytes()?;
        let bytes = self.take(length.into())?;
        let sign = if bytes.last().is_some_and(|&last| last >= 0x80) { 0xff } else { 0 };
        let mut number = [sign; 8];
        let object = match number.get_mut(..bytes.len()) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Object::Int(i64::from_le_bytes(number))
            }
            None => Object::Other,
        };
        self.push(object);
        Ok(())
    }
}

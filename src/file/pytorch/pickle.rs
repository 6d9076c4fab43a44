//! The instructions of a pickle that a state dict needs, in Python's protocol 2.
//!
//! An instruction is one byte, and its argument. Most put an object on a stack, or make one of those on
//! top of it. A mark on the stack says where the items of a tuple or a dictionary begin. The memo keeps
//! objects that are used again. Names and codes are those of `pickletools` in Python's library.

use super::machine::{Machine, damaged};
use super::object::{Global, Id, Object, Storage, View};

/// Objects that a pickle makes.
pub(super) struct Objects {
    all: Vec<Object>,
    /// Number of the object that the pickle is about.
    pub root: Id,
}

impl Objects {
    pub fn get(&self, id: Id) -> &Object {
        &self.all[id]
    }
}

/// Makes the objects of a pickle. An error is a reason, a clause without its capital.
pub(super) fn load(bytes: &[u8]) -> Result<Objects, String> {
    let mut machine = Machine { rest: bytes, ..Machine::default() };
    while machine.root.is_none() {
        machine.step()?;
    }
    let root = machine.root.unwrap_or_default();
    Ok(Objects { all: machine.objects, root })
}

/// Most axes of a tensor in PyTorch.
const AXES: usize = 64;

/// The fix for a pickle of something else than a state dict.
const RESAVE: &str = "save it in PyTorch with `torch.save(model.state_dict(), path)`";

impl Machine<'_> {
    fn step(&mut self) -> Result<(), String> {
        let [code] = self.bytes()?;
        match code {
            b'\x80' => self.protocol()?,
            b'(' => self.marks.push(self.stack.len()),
            b'.' => self.root = Some(self.pop()?),
            // Objects without parts.
            b'N' | b'\x88' | b'\x89' => self.push(Object::Other),
            b'G' => {
                self.bytes::<8>()?;
                self.push(Object::Other);
            }
            b'K' => {
                let [byte] = self.bytes()?;
                self.push(Object::Int(byte.into()));
            }
            b'M' => {
                let number = u16::from_le_bytes(self.bytes()?);
                self.push(Object::Int(number.into()));
            }
            b'J' => {
                let number = i32::from_le_bytes(self.bytes()?);
                self.push(Object::Int(number.into()));
            }
            b'\x8a' => self.long()?,
            b'X' => {
                let length = u32::from_le_bytes(self.bytes()?);
                let text = self.text(length as usize)?;
                self.push(Object::Text(text.into()));
            }
            b'c' => self.global()?,
            // Tuples, lists and dictionaries.
            b')' | b']' => self.push(Object::Sequence(Vec::new())),
            b't' => {
                let items = self.above_mark()?;
                self.push(Object::Sequence(items));
            }
            b'\x85'..=b'\x87' => {
                let items = self.pop_several(usize::from(code - 0x84))?;
                self.push(Object::Sequence(items));
            }
            b'a' | b'e' => {
                let items = if code == b'a' { self.pop_several(1)? } else { self.above_mark()? };
                match self.top_mut()? {
                    Object::Sequence(own) => own.extend(items),
                    _ => return Err(damaged()),
                }
            }
            b'}' => self.push(Object::Dict(Vec::new())),
            b's' | b'u' => {
                let items = if code == b's' { self.pop_several(2)? } else { self.above_mark()? };
                let (pairs, []) = items.as_chunks() else { return Err(damaged()) };
                match self.top_mut()? {
                    Object::Dict(own) => own.extend(pairs.iter().map(|&[key, value]| (key, value))),
                    _ => return Err(damaged()),
                }
            }
            // The memo.
            b'q' | b'r' => {
                let number = self.memo_number(code == b'q')?;
                let top = *self.stack.last().ok_or_else(damaged)?;
                self.memo.insert(number, top);
            }
            b'h' | b'j' => {
                let number = self.memo_number(code == b'h')?;
                self.stack.push(*self.memo.get(&number).ok_or_else(damaged)?);
            }
            // Calls, of the few functions that are known.
            b'Q' => {
                let id = self.pop()?;
                let storage = self.storage(id)?;
                self.push(Object::Storage(storage));
            }
            b'R' => {
                let [function, arguments] = self.pop_pair()?;
                let object = self.call(function, arguments)?;
                self.push(object);
            }
            // Attributes of a dictionary, such as the versions of the modules.
            b'b' => {
                let [object, _] = self.pop_pair()?;
                match self.objects[object] {
                    Object::Dict(_) => self.stack.push(object),
                    _ => return Err(damaged()),
                }
            }
            other => {
                return Err(format!(
                    "its pickle has an instruction {:?}, which a state dict does not need; {RESAVE}",
                    char::from(other)
                ));
            }
        }
        Ok(())
    }

    fn protocol(&mut self) -> Result<(), String> {
        match self.bytes()? {
            [2] => Ok(()),
            [other] => Err(format!(
                "its pickle is of protocol {other}, where `torch.save` has 2; {RESAVE}"
            )),
        }
    }

    fn global(&mut self) -> Result<(), String> {
        let (module, name) = (self.line()?, self.line()?);
        let global = Global::named(module, name).ok_or_else(|| {
            format!("it needs `{module}.{name}`, which may run code and is no part of a state dict; {RESAVE}")
        })?;
        self.push(Object::Global(global));
        Ok(())
    }

    fn call(&self, function: Id, arguments: Id) -> Result<Object, String> {
        let Object::Sequence(arguments) = &self.objects[arguments] else { return Err(damaged()) };
        match (&self.objects[function], &arguments[..]) {
            (Object::Global(Global::OrderedDict), []) => Ok(Object::Dict(Vec::new())),
            (Object::Global(Global::Tensor), &[storage, offset, shape, strides, ..]) => {
                let Object::Storage(storage) = &self.objects[storage] else {
                    return Err(damaged());
                };
                Ok(Object::View(View {
                    storage: storage.clone(),
                    offset: self.size(offset)?,
                    shape: self.sizes(shape)?,
                    strides: self.sizes(strides)?,
                }))
            }
            (Object::Global(Global::Parameter), &[tensor, ..]) => Ok(self.objects[tensor].clone()),
            _ => Err(damaged()),
        }
    }

    /// Returns the storage of the tuple ("storage", type, key, device, length).
    fn storage(&self, id: Id) -> Result<Storage, String> {
        let Object::Sequence(parts) = &self.objects[id] else { return Err(damaged()) };
        let &[_, dtype, key, ..] = &parts[..] else { return Err(damaged()) };
        match (&self.objects[dtype], &self.objects[key]) {
            (Object::Global(Global::Storage(dtype)), Object::Text(key)) => {
                Ok(Storage { key: key.clone(), dtype: *dtype })
            }
            _ => Err(damaged()),
        }
    }

    fn sizes(&self, id: Id) -> Result<Vec<usize>, String> {
        match &self.objects[id] {
            Object::Sequence(items) if items.len() <= AXES => {
                items.iter().map(|&item| self.size(item)).collect()
            }
            _ => Err(damaged()),
        }
    }

    fn size(&self, id: Id) -> Result<usize, String> {
        match self.objects[id] {
            Object::Int(number) => usize::try_from(number).map_err(|_| damaged()),
            _ => Err(damaged()),
        }
    }
}

//! Messages of HTTP/1.1 as they come in: head, then a body with a length or in chunks.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Largest head, and largest line between chunks, in bytes.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Bytes asked for at once.
const READ_BYTES: usize = 64 << 10;

/// The reading end of a connection.
pub(crate) struct Reader {
    buffer: Vec<u8>,
    /// Where what was not taken yet begins.
    start: usize,
}

/// How a body ends.
#[derive(Clone, Copy)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::with_capacity(READ_BYTES), start: 0 }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    async fn more(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        match stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// The next head with its blank line; `None` if the other side hung up before it began.
    pub(crate) async fn head(&mut self, stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = find(self.rest(), b"\r\n\r\n") {
                let head = self.rest()[..end + 4].to_vec();
                self.start += end + 4;
                return Ok(Some(head));
            }
            if self.rest().len() > LINE_BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            match self.more(stream).await {
                Err(_) if self.rest().is_empty() => return Ok(None),
                other => other?,
            }
        }
    }

    /// Reads a body to its end. `piece` is told every piece, without the frames of chunks.
    pub(crate) async fn body(
        &mut self,
        stream: &mut TcpStream,
        framing: Framing,
        mut piece: impl FnMut(&[u8]),
    ) -> io::Result<()> {
        match framing {
            Framing::Length(length) => self.exactly(stream, length, &mut piece).await,
            Framing::Chunked => loop {
                let size = self.line(stream).await?;
                let size = size.split(|byte| *byte == b';').next().unwrap_or_default();
                let size = std::str::from_utf8(size)
                    .ok()
                    .and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
                let size = size.ok_or(io::ErrorKind::InvalidData)?;
                self.exactly(stream, size, &mut piece).await?;
                self.line(stream).await?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    async fn exactly(
        &mut self,
        stream: &mut TcpStream,
        mut length: usize,
        piece: &mut impl FnMut(&[u8]),
    ) -> io::Result<()> {
        while length > 0 {
            if self.rest().is_empty() {
                self.more(stream).await?;
            }
            let taken = self.rest().len().min(length);
            piece(&self.rest()[..taken]);
            self.start += taken;
            length -= taken;
        }
        Ok(())
    }

    async fn line(&mut self, stream: &mut TcpStream) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = find(self.rest(), b"\r\n") {
                let line = self.rest()[..end].to_vec();
                self.start += end + 2;
                return Ok(line);
            }
            if self.rest().len() > LINE_BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.more(stream).await?;
        }
    }
}

/// The value of a header, without regard to the case of its name.
pub(crate) fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (before, after) = line.split_at_checked(name.len())?;
        let value = after.strip_prefix(b":")?;
        before.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii())
    })
}

/// How the body after a head ends.
pub(crate) fn framing(head: &[u8]) -> io::Result<Framing> {
    if header(head, "transfer-encoding").is_some() {
        return Ok(Framing::Chunked);
    }
    let length = header(head, "content-length").unwrap_or(b"0");
    let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok());
    length.map(Framing::Length).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Where `wanted` first stands in `bytes`.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

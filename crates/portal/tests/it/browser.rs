//! A browser without scripts: it keeps cookies and sends the forms that it finds.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take, or pause.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);

pub(crate) struct Browser {
    address: SocketAddr,
    cookies: Vec<(String, String)>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// What stands after `before` and before `"`, each time.
    pub(crate) fn all(&self, before: &str) -> Vec<String> {
        let text = self.text();
        let found = text.split(before).skip(1).filter_map(|rest| rest.split('"').next());
        found.map(str::to_owned).collect()
    }
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, cookies: Vec::new() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// Sends a form with the token of the page that it is on, and follows where it leads.
    pub(crate) fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get(page).all("name=\"form_token\" value=\"").first().cloned().unwrap_or_default();
        let mut fields = fields.to_vec();
        fields.push(("form_token", &token));
        let answer = self.post(action, &fields);
        match answer.header("location").filter(|_| answer.status == 303) {
            Some(location) => self.get(&location),
            None => answer,
        }
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.send(&format!("POST {path} HTTP/1.1\r\n"), &body.join("&"))
    }

    fn send(&mut self, line: &str, body: &str) -> Answer {
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        self.send_with(line, form, body.as_bytes())
    }

    /// Sends a request with headers of its own, each ended by CR LF.
    pub(crate) fn send_with(&mut self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = self.begin(line, headers, body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        self.take(bytes)
    }

    /// Sends a request, and leaves the answer to be read.
    pub(crate) fn begin(&mut self, line: &str, headers: &str, body: &[u8]) -> TcpStream {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "{line}host: {}\r\nconnection: close\r\ncookie: {}\r\n{headers}content-length: {}\r\n\r\n",
            self.address,
            cookies.join("; "),
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(ANSWERS_WITHIN)).unwrap();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        stream
    }

    fn take(&mut self, bytes: Vec<u8>) -> Answer {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let answer = Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: bytes[end + 4..].to_vec(),
        };
        for line in answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(other, _)| other != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }
}

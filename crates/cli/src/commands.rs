//! One file for each command or family of commands.

pub(crate) mod config;
pub(crate) mod consent;
pub(crate) mod deid;
pub(crate) mod export;
pub(crate) mod forget;
pub(crate) mod gateway;
pub(crate) mod guide;
pub(crate) mod handover;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod notice;
pub(crate) mod person;
pub(crate) mod policy;
pub(crate) mod portal;
pub(crate) mod probe;
pub(crate) mod proof;
pub(crate) mod quickstart;
pub(crate) mod recalls;
pub(crate) mod release;
pub(crate) mod sample;
pub(crate) mod serve;
pub(crate) mod subject;
pub(crate) mod train;

//! The tables of dingmirror, one topic a file.

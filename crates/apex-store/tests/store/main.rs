//! The store as the use cases see it: real folders, real encryption, real files.

mod backup;
mod cache;
mod facts;
mod fixture;
mod folder;
mod size;

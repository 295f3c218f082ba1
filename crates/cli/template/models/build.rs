fn main() {
    streampod_codegen::build("spy");
}

#if os(Linux)
    import CLoader
    import Glibc
    import ServiceLifecycle

    /// Gives back the memory of code that only starting needed.
    ///
    /// These pages are unchanged copies of the executable's file: what is needed again comes back from the page cache. Nothing is
    /// gained while there is memory for all; but a scheduler that waits for months should not look like one that works.
    struct ExecutablePages: Service {
        let clock: any Clock<Duration>

        /// Gives back what the start needed, and from then on now and then what was used once.
        func run() async throws {
            // A group that shuts down cancels the pauses.
            try? await cancelWhenGracefulShutdown {
                try await clock.sleep(for: .seconds(1))
                while true {
                    Self.giveBack()
                    try await clock.sleep(for: .seconds(600))
                }
            }
        }

        /// Gives back every page of a segment that nobody can have written to, of the executable and its libraries.
        static func giveBack() {
            _ = dl_iterate_phdr(
                { object, _, _ in
                    guard let object = object?.pointee else { return 0 }
                    let segments = UnsafeBufferPointer(start: object.dlpi_phdr, count: Int(object.dlpi_phnum))
                    for segment in segments where segment.p_type == PT_LOAD && segment.p_flags & UInt32(PF_W) == 0 {
                        let begin = UInt(object.dlpi_addr + segment.p_vaddr) & ~(pageSize - 1)
                        let end = UInt(object.dlpi_addr + segment.p_vaddr + segment.p_memsz)
                        // Where the kernel has no file behind it (the vDSO), it refuses.
                        madvise(UnsafeMutableRawPointer(bitPattern: begin), Int(end - begin), MADV_DONTNEED)
                    }
                    return 0
                },
                nil
            )
        }
    }

    private let pageSize = UInt(getpagesize())
#endif

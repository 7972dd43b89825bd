#if os(Linux)
    import CLinux
    import Glibc
    import ServiceLifecycle

    /// Gives back the memory of code that only starting needed.
    ///
    /// These pages are unchanged copies of the executable's file: what is needed again comes back from the page cache. A scheduler
    /// that waits for months should not look like one that works.
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

        /// Gives back every page of a segment that nobody can have written to.
        private static func giveBack() {
            // The addresses of any other kind of executable do not count from its head.
            guard let head = executable_head(), Int32(head.pointee.e_type) == ET_DYN else { return }
            let start = UnsafeRawPointer(head)
            let segments = (start + Int(head.pointee.e_phoff)).assumingMemoryBound(to: Elf64_Phdr.self)
            let page = Int(getpagesize())
            for segment in UnsafeBufferPointer(start: segments, count: Int(head.pointee.e_phnum))
            where segment.p_type == PT_LOAD && segment.p_flags & Elf64_Word(PF_W) == 0 {
                let begin = Int(segment.p_vaddr) / page * page
                // It fails only where nothing is mapped.
                madvise(
                    UnsafeMutableRawPointer(mutating: start + begin),
                    Int(segment.p_vaddr + segment.p_memsz) - begin,
                    MADV_DONTNEED
                )
            }
        }
    }
#endif

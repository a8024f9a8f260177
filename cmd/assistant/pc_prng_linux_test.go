//go:build pc

package main

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
)

// prngDLL is bcryptprimitives.dll, which Go programs need and Wine 8 lacks. It has no code: its only function is another
// name for one that Wine has and that takes the same arguments, https://learn.microsoft.com/en-us/windows/win32/seccng/processprng.
func prngDLL() []byte {
	const (
		section = 0x1000 // where Windows puts the only section
		header  = 0x200  // how much of the file is headers
		tables  = 40     // bytes of the export directory
		address = tables // the table of addresses, then that of names, then that of ordinals
		names   = address + 4
		ordinal = names + 4
		text    = ordinal + 2
	)
	dll, function, forward := "bcryptprimitives.dll\x00", "ProcessPrng\x00", "advapi32.SystemFunction036\x00"
	atFunction, atForward := text+len(dll), text+len(dll)+len(function)
	at := func(offset int) uint32 { return section + uint32(offset) }
	var exports bytes.Buffer
	write := func(b *bytes.Buffer, v any) { _ = binary.Write(b, binary.LittleEndian, v) } // a buffer takes it all
	// https://learn.microsoft.com/en-us/windows/win32/debug/pe-format#the-edata-section-image-only
	write(&exports, []uint32{0, 0, 0, at(text), 1, 1, 1, at(address), at(names), at(ordinal)})
	write(&exports, []uint32{at(atForward), at(atFunction)}) // an address within the section is a forwarder
	write(&exports, uint16(0))
	exports.WriteString(dll + function + forward)

	optional := pe.OptionalHeader64{Magic: 0x20b, ImageBase: 0x180000000, SectionAlignment: section, FileAlignment: header,
		MajorOperatingSystemVersion: 6, MajorSubsystemVersion: 6, SizeOfImage: 2 * section, SizeOfHeaders: header,
		Subsystem: pe.IMAGE_SUBSYSTEM_WINDOWS_CUI, DllCharacteristics: pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
		SizeOfStackReserve: 1 << 20, SizeOfStackCommit: section, SizeOfHeapReserve: 1 << 20, SizeOfHeapCommit: section, NumberOfRvaAndSizes: 16}
	optional.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT] = pe.DataDirectory{VirtualAddress: section, Size: uint32(exports.Len())}
	one := pe.SectionHeader32{Name: [8]uint8{'.', 'e', 'd', 'a', 't', 'a'}, VirtualSize: uint32(exports.Len()), VirtualAddress: section,
		SizeOfRawData: header, PointerToRawData: header, Characteristics: pe.IMAGE_SCN_CNT_INITIALIZED_DATA | pe.IMAGE_SCN_MEM_READ}
	var file bytes.Buffer
	dos := make([]byte, 64)
	copy(dos, "MZ")
	dos[60] = 64 // where the next header is
	file.Write(dos)
	file.WriteString("PE\x00\x00")
	write(&file, pe.FileHeader{Machine: pe.IMAGE_FILE_MACHINE_AMD64, NumberOfSections: 1, SizeOfOptionalHeader: uint16(binary.Size(optional)),
		Characteristics: pe.IMAGE_FILE_EXECUTABLE_IMAGE | pe.IMAGE_FILE_DLL | pe.IMAGE_FILE_LARGE_ADDRESS_AWARE})
	write(&file, optional)
	write(&file, one)
	file.Write(make([]byte, header-file.Len()))
	file.Write(exports.Bytes())
	file.Write(make([]byte, 2*header-file.Len()))
	return file.Bytes()
}

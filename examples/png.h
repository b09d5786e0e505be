/* SPDX-License-Identifier: Apache-2.0
 * Writes an RGB picture as a PNG file, for the examples: no library, no compression (the
 * zlib stream consists of stored blocks). */
#ifndef EXAMPLES_PNG_H
#define EXAMPLES_PNG_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace png
{
inline uint32_t
crc32(const uint8_t *data, size_t n)
{
   static uint32_t table[256];
   if (!table[1]) {
      for (uint32_t i = 0; i < 256; i++) {
         uint32_t c = i;
         for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
         table[i] = c;
      }
   }
   uint32_t c = ~0u;
   for (size_t i = 0; i < n; i++)
      c = table[(c ^ data[i]) & 255] ^ (c >> 8);
   return ~c;
}

inline void
put32(std::vector<uint8_t> &out, uint32_t v)
{
   for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back((uint8_t)(v >> shift));
}

/* Length, type, data and a checksum over type and data. */
inline void
put_chunk(std::vector<uint8_t> &out, const char *type, const std::vector<uint8_t> &data)
{
   put32(out, (uint32_t)data.size());
   size_t start = out.size();
   out.insert(out.end(), type, type + 4);
   out.insert(out.end(), data.begin(), data.end());
   put32(out, crc32(out.data() + start, out.size() - start));
}

/* A zlib stream of stored blocks, each of at most 65535 bytes. */
inline std::vector<uint8_t>
store(const std::vector<uint8_t> &raw)
{
   std::vector<uint8_t> out = {0x78, 0x01};
   for (size_t at = 0; at < raw.size();) {
      size_t n = raw.size() - at < 65535 ? raw.size() - at : 65535;
      out.push_back(at + n == raw.size());
      out.push_back((uint8_t)n);
      out.push_back((uint8_t)(n >> 8));
      out.push_back((uint8_t)~n);
      out.push_back((uint8_t)(~n >> 8));
      out.insert(out.end(), raw.begin() + at, raw.begin() + at + n);
      at += n;
   }
   uint32_t a = 1, b = 0;
   for (uint8_t byte : raw) {
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
   }
   put32(out, b << 16 | a);
   return out;
}

/* rgb: height rows of width pixels of 3 bytes. False when the file cannot be written. */
inline bool
write(const std::string &path, const uint8_t *rgb, uint32_t width, uint32_t height)
{
   std::vector<uint8_t> raw, header, out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
   raw.reserve((size_t)height * (3 * (size_t)width + 1));
   for (uint32_t y = 0; y < height; y++) {
      raw.push_back(0); /* this row is not filtered */
      const uint8_t *row = rgb + (size_t)y * width * 3;
      raw.insert(raw.end(), row, row + (size_t)width * 3);
   }
   put32(header, width);
   put32(header, height);
   header.insert(header.end(), {8, 2, 0, 0, 0}); /* 8 bits, RGB */
   put_chunk(out, "IHDR", header);
   put_chunk(out, "IDAT", store(raw));
   put_chunk(out, "IEND", {});
   FILE *f = fopen(path.c_str(), "wb");
   if (!f)
      return false;
   bool ok = fwrite(out.data(), 1, out.size(), f) == out.size();
   return fclose(f) == 0 && ok;
}
} // namespace png

#endif

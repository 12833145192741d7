<%@ page session="false" contentType="text/plain" %>ok
